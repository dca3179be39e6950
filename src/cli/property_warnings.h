#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "cli/console_settings.h"
#include "config/keys.h"

namespace moldau::cli {

// What a person should know of the properties that a tool was given for its clients: no key is
// ignored in silence. A line for each that nobody knows, with the nearest known one, and for each
// that has no effect in this version and another value than its default. `clients`: whose keys they
// may be; not empty. Nothing is said of
//  - what Kafka's own tools overrule without a word: servers, serializers and deserializers;
//  - what counts only with TLS or SASL: security.protocol is refused when it asks for these.
// Cost: an unknown key is compared with all known ones; a file of nonsense gets no more than 50.
[[nodiscard]] std::vector<std::string> warnings_about(std::initializer_list<config::Scope> clients,
                                                      const PropertyMap& properties);
// Says them as Kafka's logger says a warning.
void warn_about(ToolContext& context, std::initializer_list<config::Scope> clients,
                const PropertyMap& properties);

}  // namespace moldau::cli
