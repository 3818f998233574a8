package io.steward.sandbox.egress;

import io.steward.schemas.trace.TraceContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The first bytes of a connection to the egress proxy, which say whose it is: a header of the
/// PROXY protocol, version 2, with the command LOCAL, no address, the token in a field of its own,
/// and, where calls are traced, the call in another, as `traceparent` of the W3C. Source:
/// <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>, §2.2.
final class ProxyHeader {
  /// The type of the field with the token, from the range for custom ones.
  static final byte TOKEN_TYPE = (byte) 0xE0;

  /// The type of the field with the call.
  static final byte TRACE_TYPE = (byte) 0xE1;

  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final byte VERSION_2_LOCAL = 0x20;
  private static final byte UNSPECIFIED = 0x00;
  private static final int FIELD_HEAD_BYTES = 3;

  private ProxyHeader() {}

  static ByteBuffer of(SandboxToken token, Optional<TraceContext> trace) {
    byte[] name = token.reveal().getBytes(StandardCharsets.US_ASCII);
    byte[] call =
        trace.map(TraceContext::traceparent).orElse("").getBytes(StandardCharsets.US_ASCII);
    int fields =
        FIELD_HEAD_BYTES + name.length + (call.length == 0 ? 0 : FIELD_HEAD_BYTES + call.length);
    ByteBuffer header =
        ByteBuffer.allocate(SIGNATURE.length + 2 + Short.BYTES + fields)
            .put(SIGNATURE)
            .put(VERSION_2_LOCAL)
            .put(UNSPECIFIED)
            .putShort((short) fields);
    field(header, TOKEN_TYPE, name);
    if (call.length > 0) {
      field(header, TRACE_TYPE, call);
    }
    return header.flip();
  }

  private static void field(ByteBuffer header, byte type, byte[] value) {
    header.put(type).putShort((short) value.length).put(value);
  }
}
