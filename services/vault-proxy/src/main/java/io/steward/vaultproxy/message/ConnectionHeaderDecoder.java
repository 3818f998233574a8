package io.steward.vaultproxy.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Reads the header of a connection, if it has one, and leaves everything after it alone.
///
/// The header is one of the PROXY protocol, version 2, with the command LOCAL, no addresses, and
/// one TLV of type 0xE0: the token of a sandbox. Whoever relays a sandbox' connection writes it, so
/// the sandbox need not know its token. Any other header of that protocol, of version 1 too, is
/// refused; bytes that begin no such header are none of this decoder's business. What it found
/// comes out as a user event, an [Outcome]. Source: ADR 19.
public final class ConnectionHeaderDecoder extends ByteToMessageDecoder {
  /// The longest token.
  public static final int TOKEN_CHARS_MAX = 128;

  private static final byte[] SIGNATURE = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };
  private static final byte[] SIGNATURE_OF_V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final int FIXED_BYTES = 16;
  private static final int TLV_HEAD_BYTES = 3;
  private static final int V2_LOCAL = 0x20;
  private static final int UNSPECIFIED = 0;
  private static final int TYPE_TOKEN = 0xE0;

  private boolean refused;

  /// What a header says.
  public sealed interface Outcome {
    /// The connection is that sandbox'.
    record Named(String token) implements Outcome {
      @Override
      public String toString() {
        return "***";
      }
    }

    /// Nothing more is read.
    record Refused(String sentence) implements Outcome {}
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
    } else if (begins(in, SIGNATURE_OF_V1)) {
      if (in.readableBytes() >= SIGNATURE_OF_V1.length) {
        refuse(ctx, in, "Version 1 of the PROXY protocol is not spoken here.");
      }
    } else if (!begins(in, SIGNATURE)) {
      leave(ctx, in);
    } else if (in.readableBytes() >= FIXED_BYTES) {
      header(ctx, in);
    }
  }

  /// Whether the bytes may become, or are, what begins with `prefix`.
  private static boolean begins(ByteBuf in, byte[] prefix) {
    int there = Math.min(in.readableBytes(), prefix.length);
    for (int i = 0; i < there; i++) {
      if (in.getByte(in.readerIndex() + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private void header(ChannelHandlerContext ctx, ByteBuf in) {
    int start = in.readerIndex();
    if (in.getUnsignedByte(start + SIGNATURE.length) != V2_LOCAL
        || in.getUnsignedByte(start + SIGNATURE.length + 1) != UNSPECIFIED) {
      refuse(
          ctx, in, "The header of a connection has version 2, the command LOCAL and no addresses.");
      return;
    }
    int bytes = in.getUnsignedShort(start + SIGNATURE.length + 2);
    if (bytes > TLV_HEAD_BYTES + TOKEN_CHARS_MAX) {
      refuse(
          ctx,
          in,
          "The header of a connection holds a token of at most "
              + TOKEN_CHARS_MAX
              + " characters.");
      return;
    }
    if (in.readableBytes() < FIXED_BYTES + bytes) {
      return;
    }
    Optional<String> token = token(in.slice(start + FIXED_BYTES, bytes));
    if (token.isEmpty()) {
      refuse(ctx, in, "The header of a connection holds one token, in visible ASCII.");
      return;
    }
    in.skipBytes(FIXED_BYTES + bytes);
    ctx.fireUserEventTriggered(new Outcome.Named(token.get()));
    leave(ctx, in);
  }

  private static Optional<String> token(ByteBuf tlv) {
    if (tlv.readableBytes() <= TLV_HEAD_BYTES
        || tlv.readUnsignedByte() != TYPE_TOKEN
        || tlv.readUnsignedShort() != tlv.readableBytes()) {
      return Optional.empty();
    }
    String token = tlv.toString(StandardCharsets.ISO_8859_1);
    return token.chars().allMatch(c -> c > ' ' && c < 0x7f) ? Optional.of(token) : Optional.empty();
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in, String sentence) {
    refused = true;
    in.skipBytes(in.readableBytes());
    ctx.fireUserEventTriggered(new Outcome.Refused(sentence));
  }

  /// What was read ahead goes on; when nothing was, whoever wanted to read still does.
  private void leave(ChannelHandlerContext ctx, ByteBuf in) {
    if (!in.isReadable()) {
      ctx.read();
    }
    ctx.pipeline().remove(this);
  }
}
