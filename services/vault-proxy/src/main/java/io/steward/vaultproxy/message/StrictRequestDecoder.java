package io.steward.vaultproxy.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Netty's decoder of requests, which is given a head only when all of it is there and [HeadRules]
/// has nothing against it. What is refused comes out as a request whose decoder result is a
/// [HeadRefusedException]; nothing is read after it. After a `CONNECT` nothing is read either: the
/// bytes stay for whoever takes this decoder's place.
public final class StrictRequestDecoder extends HttpRequestDecoder {
  /// Bytes of a body that are handled at once.
  public static final int PART_BYTES_MAX = 16_384;

  private static final int EARLY_BYTES_MAX = 65_536;
  private static final byte LF = '\n';
  private static final byte CR = '\r';

  private final Duration headTimeMax;
  private boolean inHead = true;
  private boolean refused;
  private boolean wantsTunnel;
  private boolean connect;
  private int scanned;
  private int lineStart;
  private @Nullable Future<?> timer;

  public StrictRequestDecoder(Duration headTimeMax) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(HeadRules.BYTES_MAX)
            .setMaxHeaderSize(HeadRules.BYTES_MAX)
            .setMaxChunkSize(PART_BYTES_MAX)
            .setStrictLineParsing(true)
            .setAllowDuplicateContentLengths(false));
    this.headTimeMax = headTimeMax;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (connect) {
      if (in.readableBytes() > EARLY_BYTES_MAX) {
        in.skipBytes(in.readableBytes());
        var _ = ctx.close();
      }
      return;
    }
    if (inHead && !headIsThere(ctx, in, out)) {
      return;
    }
    int before = out.size();
    super.decode(ctx, in, out);
    for (Object decoded : out.subList(before, out.size())) {
      if (decoded instanceof HttpRequest request) {
        wantsTunnel = request.method().equals(HttpMethod.CONNECT);
      }
      if (decoded instanceof LastHttpContent) {
        inHead = true;
        connect = wantsTunnel;
      }
    }
  }

  /// Whether the decoder may go on, with a whole head that is in order.
  private boolean headIsThere(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    startTimer(ctx);
    int bytes = headBytes(in);
    if (bytes < 0) {
      return refuse(in, out, refusal(400, "A line of a header ends with CR and LF."));
    }
    if (bytes > HeadRules.BYTES_MAX || bytes == 0 && in.readableBytes() > HeadRules.BYTES_MAX) {
      return refuse(
          in,
          out,
          refusal(431, "The head of a request has at most " + HeadRules.BYTES_MAX + " bytes."));
    }
    if (bytes == 0) {
      return false;
    }
    Optional<String> violation =
        HeadRules.violation(ByteBufUtil.getBytes(in, in.readerIndex(), bytes));
    if (violation.isPresent()) {
      return refuse(in, out, refusal(400, violation.get()));
    }
    stopTimer();
    inHead = false;
    scanned = 0;
    lineStart = 0;
    return true;
  }

  private static boolean refuse(ByteBuf in, List<Object> out, HttpRequest refusal) {
    in.skipBytes(in.readableBytes());
    out.add(refusal);
    return false;
  }

  /// Bytes of the head with its empty line; 0 when it has not ended, -1 when a line ends with a
  /// line feed alone.
  private int headBytes(ByteBuf in) {
    int start = in.readerIndex();
    while (scanned < in.readableBytes()) {
      byte next = in.getByte(start + scanned);
      scanned++;
      if (next == LF) {
        if (scanned < 2 || in.getByte(start + scanned - 2) != CR) {
          return -1;
        }
        if (scanned - lineStart == 2) {
          return scanned;
        }
        lineStart = scanned;
      }
    }
    return 0;
  }

  private void late(ChannelHandlerContext ctx) {
    if (!refused && inHead) {
      var _ =
          ctx.fireChannelRead(
              refusal(
                  408,
                  "The head of a request must be there within "
                      + headTimeMax.toSeconds()
                      + " seconds."));
    }
  }

  private HttpRequest refusal(int status, String sentence) {
    refused = true;
    stopTimer();
    HttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/refused");
    request.setDecoderResult(DecoderResult.failure(new HeadRefusedException(status, sentence)));
    return request;
  }

  /// The first head must come, those after it may take their time to begin.
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    startTimer(ctx);
  }

  private void startTimer(ChannelHandlerContext ctx) {
    if (timer == null) {
      timer =
          ctx.executor().schedule(() -> late(ctx), headTimeMax.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void stopTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    stopTimer();
    super.handlerRemoved0(ctx);
  }
}
