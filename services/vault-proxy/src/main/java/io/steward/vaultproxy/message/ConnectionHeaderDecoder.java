package io.steward.vaultproxy.message;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.steward.schemas.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the header of a connection, if it has one, and leaves everything after it alone.
///
/// The header is one of the PROXY protocol, version 2, with the command LOCAL, no addresses, and
/// one TLV of type 0xE0: the token of a sandbox. Behind it there may be one of type 0xE1: the call
/// the connection is part of, as `traceparent` of the W3C. Whoever relays a sandbox' connection
/// writes it, so the sandbox need not know its token. Any other header of that protocol, of version
/// 1 too, is refused; bytes that begin no such header are none of this decoder's business. What it
/// found comes out as a user event, an [Outcome]. Source: ADR 19.
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
  private static final int TYPE_TRACE = 0xE1;
  private static final int TRACE_CHARS = 55;

  private boolean refused;

  /// What a header says.
  public sealed interface Outcome {
    /// The connection is that sandbox'.
    ///
    /// @param trace the call it is part of, or null when nobody traces it
    record Named(String token, @Nullable TraceContext trace) implements Outcome {
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
    if (bytes > TLV_HEAD_BYTES + TOKEN_CHARS_MAX + TLV_HEAD_BYTES + TRACE_CHARS) {
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
    ByteBuf fields = in.slice(start + FIXED_BYTES, bytes);
    Optional<String> token = field(fields, TYPE_TOKEN, TOKEN_CHARS_MAX);
    Optional<String> trace =
        fields.isReadable() ? field(fields, TYPE_TRACE, TRACE_CHARS) : Optional.of("");
    if (token.isEmpty() || trace.isEmpty() || fields.isReadable()) {
      refuse(ctx, in, "The header of a connection holds one token, in visible ASCII.");
      return;
    }
    in.skipBytes(FIXED_BYTES + bytes);
    ctx.fireUserEventTriggered(
        new Outcome.Named(token.get(), TraceContext.of(trace.get(), null).orElse(null)));
    leave(ctx, in);
  }

  private static Optional<String> field(ByteBuf fields, int type, int charsMax) {
    if (fields.readableBytes() <= TLV_HEAD_BYTES || fields.readUnsignedByte() != type) {
      return Optional.empty();
    }
    int chars = fields.readUnsignedShort();
    if (chars < 1 || chars > charsMax || chars > fields.readableBytes()) {
      return Optional.empty();
    }
    String text = fields.readCharSequence(chars, StandardCharsets.ISO_8859_1).toString();
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f) ? Optional.of(text) : Optional.empty();
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
