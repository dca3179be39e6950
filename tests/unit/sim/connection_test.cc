#include "sim/connection.h"

#include "unit/sim/network_vocabulary.h"

namespace moldau::sim {
namespace {

using ConnectionTest = NetworkTest;

std::string long_text(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * i % 26);
  return text;
}

TEST_F(ConnectionTest, BytesArriveOnceAndInOrderHoweverTheyAreCut) {
  env::Stream* stream = connect();
  ASSERT_TRUE(stream);
  Ear& ear = ear_at(server_tasks_, *accepted_[0]);
  const std::string text = long_text(300'000);
  speak(client_tasks_, *stream, text);
  settle();
  EXPECT_TRUE(ear.heard == text);
}

TEST_F(ConnectionTest, AWriterWaitsWhileNobodyReads) {
  env::Stream* stream = connect();
  speak(client_tasks_, *stream, long_text(300'000));
  settle();
  EXPECT_EQ(client_tasks_.running(), 1U);
  Ear& ear = ear_at(server_tasks_, *accepted_[0]);
  settle();
  EXPECT_EQ(client_tasks_.running(), 0U);
  EXPECT_EQ(ear.heard.size(), 300'000U);
}

TEST_F(ConnectionTest, AfterHalfCloseTheOtherDirectionGoesOn) {
  env::Stream* stream = connect();
  Ear& server_ear = ear_at(server_tasks_, *accepted_[0]);
  Ear& client_ear = ear_at(client_tasks_, *stream);
  speak(client_tasks_, *stream, "question");
  stream->shutdown_write();
  settle();
  EXPECT_EQ(server_ear.heard, "question");
  EXPECT_EQ(server_ear.end, Errc::connection_closed);
  speak(server_tasks_, *accepted_[0], "answer");
  settle();
  EXPECT_EQ(client_ear.heard, "answer");
  EXPECT_EQ(client_ear.end, Errc::none);
}

TEST_F(ConnectionTest, OwnCloseCancelsWaitsAndTheOtherSideSeesTheEnd) {
  env::Stream* stream = connect();
  Ear& server_ear = ear_at(server_tasks_, *accepted_[0]);
  Ear& client_ear = ear_at(client_tasks_, *stream);
  stream->close();
  settle();
  EXPECT_EQ(client_ear.end, Errc::cancelled);
  EXPECT_EQ(server_ear.end, Errc::connection_closed);
  std::byte byte{};
  EXPECT_EQ(stream->try_read({&byte, 1}).error().code(), Errc::cancelled);
}

TEST_F(ConnectionTest, WritingToAClosedPeerBreaksTheConnection) {
  env::Stream* stream = connect();
  accepted_[0]->close();
  settle();
  speak(client_tasks_, *stream, "anybody?");
  settle();
  speak(client_tasks_, *stream, "hello?");
  settle();
  EXPECT_EQ(say_end_, Errc::connection_closed);
}

TEST_F(ConnectionTest, FileRangesAreSentFromTheSimulatedDisk) {
  env::Stream* stream = connect();
  auto opened = client_boot_.env(0).disk.open("f", env::OpenMode::create);
  settle();
  const std::shared_ptr<env::File> file = *opened.take_result();
  const Bytes content = as_bytes("0123456789");
  auto node = *client_.volume().open("f", env::OpenMode::read);
  ASSERT_TRUE(client_.volume().write(*node, 0, {content.begin(), content.end()}).has_value());
  Ear& ear = ear_at(server_tasks_, *accepted_[0]);
  std::size_t sent = 0;
  while (sent < 6) {
    sent += *stream->try_send_file({.file = file, .position = 2 + sent, .size = 6 - sent});
  }
  settle();
  EXPECT_EQ(ear.heard, "234567");
  EXPECT_EQ(stream->try_send_file({.file = file, .position = 8, .size = 3}).error().code(),
            Errc::io_failure);
}

}  // namespace
}  // namespace moldau::sim
