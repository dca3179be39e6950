// Records of the internal topics as stored, and headers. One byte chooses the family.
#include "base/check.h"
#include "protocol/header.h"
#include "protocol/record_frame.h"

using namespace moldau;
using namespace moldau::protocol;

namespace {

template <class Decoded, class Encode>
void expect_stable(const Decoded& decoded, Encode&& encode) {
  if (!decoded) return;
  Writer out;
  encode(out, *decoded);
}

void coordinator_value(std::int16_t family, std::int16_t id, Bytes bytes) {
  const auto write = [](Writer& out, const auto& value) {
    encode_value(out, value.record, value.version);
  };
  if (family == 0) expect_stable(decode_group_value(id, bytes), write);
  if (family == 1) expect_stable(decode_share_value(id, bytes), write);
  if (family == 2) expect_stable(decode_transaction_value(id, bytes), write);
}

void header(Bytes bytes) {
  Reader in(bytes);
  const auto read = read_request_header(in);
  if (!read) return;
  const ApiFacts& api = facts(read->request_api_key);
  Writer out;
  read->encode(out, request_header_version(api, read->request_api_version));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader in({reinterpret_cast<const std::byte*>(data), size});
  const auto choice = static_cast<std::uint8_t>(in.i8());
  if (!in.ok()) return 0;
  const auto key = [](Writer& out, const auto& decoded) { encode_key(out, decoded); };
  switch (choice % 9) {
    case 0:
      expect_stable(decode_metadata_record(in.rest()), [](Writer& out, const auto& framed) {
        encode_metadata_record(out, framed.record, framed.version);
        CHECK_OP(out.size(), ==, metadata_record_size(framed.record, framed.version));
      });
      break;
    case 1:
      expect_stable(decode_tiered_record(in.rest()), [](Writer& out, const auto& framed) {
        encode_tiered_record(out, framed.record, framed.version);
      });
      break;
    case 2:
      expect_stable(decode_group_key(in.rest()), key);
      break;
    case 3:
      expect_stable(decode_share_key(in.rest()), key);
      break;
    case 4:
      expect_stable(decode_transaction_key(in.rest()), key);
      break;
    case 5:
      header(in.rest());
      break;
    default: {
      const auto id = static_cast<std::int16_t>(in.i8());
      coordinator_value(static_cast<std::int16_t>(choice % 9 - 6), id, in.rest());
    }
  }
  return 0;
}
