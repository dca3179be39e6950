#include "base/ids.h"

#include <fmt/format.h>

// Headers include fmt/core.h alone, which declares how numbers and texts are formatted; the bodies
// that ids need stand here once.
namespace fmt {
template auto formatter<int>::format(const int&, format_context&) const
    -> decltype(std::declval<format_context&>().out());
template auto formatter<unsigned>::format(const unsigned&, format_context&) const
    -> decltype(std::declval<format_context&>().out());
template auto formatter<long long>::format(const long long&, format_context&) const
    -> decltype(std::declval<format_context&>().out());
template auto formatter<unsigned long long>::format(const unsigned long long&,
                                                    format_context&) const
    -> decltype(std::declval<format_context&>().out());
template auto formatter<string_view>::format(const string_view&, format_context&) const
    -> decltype(std::declval<format_context&>().out());
}  // namespace fmt
