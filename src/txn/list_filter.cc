#include "txn/list_filter.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace moldau::txn {
namespace {

Result<std::shared_ptr<const RE2>> compile(const std::string& pattern) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  auto regex = std::make_shared<const RE2>(pattern, quiet);
  if (!regex->ok()) {
    return fail(Errc::invalid_regular_expression,
                "Transaction ID pattern `{}` is not a valid regular expression: {}.", pattern,
                regex->error());
  }
  return regex;
}

}  // namespace

Result<ListFilter> ListFilter::of(const protocol::ListTransactionsRequest& request) {
  ListFilter out;
  out.producers_ = request.producer_id_filters;
  out.all_states_ = request.state_filters.empty();
  for (const std::string& name : request.state_filters) {
    if (const auto state = state_named(name)) {
      out.states_.push_back(*state);
    } else if (std::ranges::find(out.unknown_states_, name) == out.unknown_states_.end()) {
      out.unknown_states_.push_back(name);
    }
  }
  out.longer_than_ = request.duration_filter;
  const auto& pattern = request.transactional_id_pattern;
  if (pattern && !pattern->empty()) {
    TRY(out.pattern_, compile(*pattern));
  }
  return out;
}

bool ListFilter::matches(const std::string& transactional_id, const Transaction& transaction,
                         Timestamp now) const {
  const auto has = [](const auto& all, const auto& one) {
    return std::ranges::find(all, one) != all.end();
  };
  if (!producers_.empty() && !has(producers_, transaction.producer_id)) return false;
  if (!all_states_ && !has(states_, transaction.state)) return false;
  // What has not started counts from 1970, as in Kafka: it matches every duration.
  if (longer_than_.count() >= 0 && now - transaction.started <= longer_than_) return false;
  return pattern_ == nullptr || RE2::FullMatch(transactional_id, *pattern_);
}

}  // namespace moldau::txn
