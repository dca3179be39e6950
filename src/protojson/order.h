#pragma once
#include <array>

#include "base/check.h"
#include "protocol/tables.h"

namespace moldau::protojson {

// Calls `visit` for each field in the order of the schema; the tables have tagged fields last.
template <class F>
void for_each_in_order(const protocol::StructFacts& facts, F&& visit) {
  std::array<const protocol::FieldFacts*, 64> order{};
  CHECK_OP(facts.fields.size(), <=, order.size());
  for (const protocol::FieldFacts& field : facts.fields) order[field.place] = &field;
  for (std::size_t i = 0; i < facts.fields.size(); ++i) visit(*order[i]);
}

}  // namespace moldau::protojson
