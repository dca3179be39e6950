#include "rpc/response.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "unit/rpc/rpc_world.h"

namespace moldau::rpc {
namespace {

std::string shown(Response response) {
  std::string text;
  for (const Piece& piece : response.take_pieces()) {
    if (!text.empty()) text += "|";
    const auto* bytes = std::get_if<SharedBytes>(&piece);
    text += bytes != nullptr ? std::string{as_text(bytes->view())}
                             : fmt::format("file:{}", size_of(piece));
  }
  return text;
}

TEST(Response, BodyWithoutHolesIsOnePiece) {
  Writer body;
  body.text("abc");
  const Response response = Response::of(std::move(body));
  EXPECT_EQ(response.size(), 3U);
  EXPECT_EQ(shown(response), "abc");
}

TEST(Response, PiecesFillTheHolesInOrder) {
  Writer body;
  body.text("ab");
  body.splice(5);
  body.text("cd");
  body.splice(3);
  const Response response = Response::of(
      std::move(body), {bytes_of("xx"), env::FileRange{nullptr, 0, 3}, bytes_of("yyy")});
  EXPECT_EQ(response.size(), 12U);
  EXPECT_EQ(shown(response), "ab|xx|file:3|cd|yyy");
}

TEST(Response, EmptyHoleNeedsNoPiece) {
  Writer body;
  body.splice(0);
  body.text("a");
  EXPECT_EQ(shown(Response::of(std::move(body))), "a");
}

TEST(ResponseDeathTest, PiecesThatDoNotFitTheHolesAreACheck) {
  Writer body;
  body.splice(5);
  EXPECT_DEATH((void)Response::of(std::move(body), {bytes_of("xxxxxx")}), "filled == hole.size");
}

TEST(Response, NoneIsNoAnswer) { EXPECT_TRUE(Response::none().is_none()); }

}  // namespace
}  // namespace moldau::rpc
