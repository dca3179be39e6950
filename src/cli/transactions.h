#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/tool.h"
#include "client/transaction_admin.h"

namespace moldau::cli {

// `moldau transactions`, kafka-transactions.sh: who writes in transactions, and an end to those
// that nobody ends. Source: org.apache.kafka.tools.TransactionsCommand.
[[nodiscard]] env::Task<int> run_transactions(ToolContext& context);

// An open transaction as one partition knows it.
struct OpenTransaction {
  client::TopicPartition partition;
  client::ActiveProducer producer;
};
// Those that no coordinator will end: the producer's id is nobody's (`owners`), the coordinator
// does not know its transactional id (no entry in `described`), or not that it wrote here.
[[nodiscard]] std::vector<OpenTransaction> hanging_of(
    const std::vector<OpenTransaction>& open, const std::map<ProducerId, std::string>& owners,
    const std::map<std::string, client::DescribedTransaction>& described);

// Columns with tabs between them, as wide as their widest value.
[[nodiscard]] std::string tab_table(const std::vector<std::string>& headers,
                                    const std::vector<std::vector<std::string>>& rows);

}  // namespace moldau::cli
