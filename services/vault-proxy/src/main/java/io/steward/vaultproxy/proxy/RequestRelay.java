package io.steward.vaultproxy.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.opentelemetry.api.trace.Span;
import io.steward.vaultproxy.admission.Guest;
import io.steward.vaultproxy.message.ConnectionHeaderDecoder.Outcome;
import io.steward.vaultproxy.message.HeadRefusedException;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.Refusal.Reason;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.proxy.Decision.Forward;
import io.steward.vaultproxy.proxy.Decision.Intercept;
import io.steward.vaultproxy.proxy.Decision.Refused;
import io.steward.vaultproxy.proxy.Decision.Tunnel;
import io.steward.vaultproxy.proxy.Entrance.Inside;
import io.steward.vaultproxy.proxy.Entrance.Outside;
import io.steward.vaultproxy.proxy.Reception.Answer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Takes the requests of one connection, or one stream of HTTP/2, one after another: admits them,
/// has them decided, and performs the decision. It reads only when it wants something, so what a
/// client sends ahead stays with the client.
final class RequestRelay extends ChannelInboundHandlerAdapter {
  /// Bytes of the body of a refused request that are read, so that its sender reads the refusal.
  private static final int DISCARDED_BYTES_MAX = 1_048_576;

  private static final long LINGER_MILLIS = 2_000;

  private final ProxyCore core;
  private final Entrance entrance;
  private final Reception reception;

  private @Nullable Guest guest;
  private @Nullable HttpRequest current;
  private @Nullable HttpRequest early;
  private @Nullable Exchange exchange;
  private @Nullable ChannelFuture refusalWritten;
  private boolean started;
  private boolean entered;
  private boolean requestEnded;
  private boolean lastRequest;
  private boolean lingering;
  private boolean gone;
  private long discardedBytes;

  RequestRelay(ProxyCore core, Entrance entrance) {
    this.core = core;
    this.entrance = entrance;
    this.reception = new Reception(core, entrance);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      start(ctx);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    start(ctx);
  }

  private void start(ChannelHandlerContext ctx) {
    if (started) {
      return;
    }
    started = true;
    ctx.read();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case Outcome.Named named -> {
        ProxySpans.note(ctx.channel(), named.trace());
        reception.introduce(ctx.channel(), named.token());
      }
      case Outcome.Refused header -> {
        core.refusals().note(null, new Refusal(Reason.MALFORMED, header.sentence()));
        var _ = ctx.close();
      }
      default -> ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (lingering) {
        ctx.read();
      } else if (message instanceof HttpRequest request) {
        if (current == null) {
          head(ctx, request);
        } else {
          early = request;
        }
      } else if (message instanceof HttpContent part) {
        content(ctx, part);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void head(ChannelHandlerContext ctx, HttpRequest request) {
    current = request;
    requestEnded = request instanceof LastHttpContent;
    lastRequest = false;
    discardedBytes = 0;
    if (request.decoderResult().isFailure()) {
      lastRequest = true;
      requestEnded = true; // Nothing more is read.
      refuse(ctx, null, malformed(request));
      return;
    }
    reception.receive(ctx, request, answer -> received(ctx, request, answer));
  }

  private void received(ChannelHandlerContext ctx, HttpRequest request, Answer answer) {
    switch (answer) {
      case Answer.Denied denied -> {
        lastRequest = denied.last();
        refuse(ctx, denied.sandbox(), denied.refused());
      }
      case Answer.Welcome welcome -> {
        guest = welcome.guest();
        entered = true;
        if (request.method().equals(HttpMethod.CONNECT) && !requestEnded) {
          ctx.read(); // Its end: nothing of HTTP may be left when the tunnel begins.
        } else {
          decide(ctx, request);
        }
      }
    }
  }

  private static Refused malformed(HttpRequest request) {
    return request.decoderResult().cause() instanceof HeadRefusedException refused
        ? Refused.because(refused.status(), Reason.MALFORMED, refused.sentence())
        : Refused.because(400, Reason.MALFORMED, "The request is not one of HTTP.");
  }

  private void decide(ChannelHandlerContext ctx, HttpRequest request) {
    Optional<SandboxIdentity> identity = guest == null ? Optional.empty() : guest.identity();
    if (identity.isEmpty()) {
      lastRequest = true;
      refuse(ctx, null, Reception.UNKNOWN);
      return;
    }
    SandboxIdentity sandbox = identity.get();
    core.waiting()
        .execute(() -> {
          Decision decision =
              switch (entrance) {
                case Inside inside -> core.decider().inside(sandbox, inside.endpoint(), request);
                case Outside _ when request.method().equals(HttpMethod.CONNECT) ->
                    core.decider().connect(sandbox, request.uri());
                case Outside _ -> core.decider().plain(sandbox, request);
              };
          ctx.executor().execute(() -> perform(ctx, request, sandbox, decision));
        });
  }

  private void perform(
      ChannelHandlerContext ctx, HttpRequest request, SandboxIdentity sandbox, Decision decision) {
    Guest asking = guest;
    if (gone || asking == null) {
      return;
    }
    if (asking.identity().isEmpty()) {
      lastRequest = true;
      refuse(ctx, sandbox, Reception.UNKNOWN);
      return;
    }
    switch (decision) {
      case Refused refused -> refuse(ctx, sandbox, refused);
      case Forward forward -> forward(ctx, request, sandbox, forward);
      case Tunnel tunnel -> tunnel(ctx, sandbox, tunnel);
      case Intercept intercept -> {
        leave();
        Interception.begin(ctx, core, asking, intercept);
      }
    }
  }

  private void forward(
      ChannelHandlerContext ctx, HttpRequest request, SandboxIdentity sandbox, Forward forward) {
    Exchange begun = new Exchange(ctx, request, sandbox, forward, core, new After(ctx, sandbox));
    exchange = begun;
    if (HttpUtil.is100ContinueExpected(request)) {
      var _ = ctx.writeAndFlush(empty(HttpResponseStatus.CONTINUE));
    }
    boolean http2 = ctx.channel() instanceof Http2StreamChannel;
    var _ =
        core.upstreams()
            .open(ctx.channel().eventLoop(), forward.route(), http2)
            .addListener((Future<Channel> opened) -> {
              if (opened.isSuccess()) {
                begun.begin(opened.getNow());
              } else {
                begun.unreachable(Refusals.unreachable(forward.route(), opened.cause()));
              }
            });
  }

  private void tunnel(ChannelHandlerContext ctx, SandboxIdentity sandbox, Tunnel tunnel) {
    var _ =
        core.upstreams()
            .openRaw(ctx.channel().eventLoop(), tunnel.route())
            .addListener((Future<Channel> opened) -> {
              if (!opened.isSuccess()) {
                refuse(ctx, sandbox, Refusals.unreachable(tunnel.route(), opened.cause()));
              } else if (gone) {
                var _ = opened.getNow().close();
              } else {
                Guest asking = guest;
                if (entered && asking != null) {
                  entered = false;
                  var _ = ctx.channel().closeFuture().addListener(_ -> asking.leave());
                }
                Endpoint endpoint = tunnel.route().endpoint();
                Span span = core.spans().begin(ctx.channel(), "CONNECT", endpoint, sandbox);
                var _ = ctx.channel().closeFuture().addListener(_ -> span.end());
                TunnelPipe.begin(ctx, core, sandbox, endpoint, opened.getNow());
              }
            });
  }

  static FullHttpResponse empty(HttpResponseStatus status) {
    return new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status);
  }

  private void content(ChannelHandlerContext ctx, HttpContent part) {
    requestEnded = part instanceof LastHttpContent;
    lastRequest = lastRequest || part.decoderResult().isFailure();
    Exchange running = exchange;
    HttpRequest request = current;
    if (refusalWritten != null) {
      discard(ctx, part);
    } else if (running != null) {
      running.content(part);
    } else if (request != null && requestEnded && request.method().equals(HttpMethod.CONNECT)) {
      decide(ctx, request);
    }
  }

  private void refuse(
      ChannelHandlerContext ctx, @Nullable SandboxIdentity sandbox, Refused refused) {
    HttpRequest request = current;
    leave();
    core.refusals().note(sandbox, refused.refusal());
    core.spans().refused(ctx.channel(), refused.status(), refused.refusal());
    boolean bodyComes =
        request != null
            && !requestEnded
            && (HttpUtil.isTransferEncodingChunked(request)
                || HttpUtil.getContentLength(request, 0L) != 0);
    lastRequest =
        lastRequest
            || bodyComes
            || request == null
            || request.method().equals(HttpMethod.CONNECT)
            || request.protocolVersion().equals(HttpVersion.HTTP_1_0)
            || !HttpUtil.isKeepAlive(request);
    refusalWritten = ctx.writeAndFlush(Refusals.answer(refused, lastRequest));
    discarded(ctx);
  }

  private void discard(ChannelHandlerContext ctx, HttpContent part) {
    discardedBytes += part.content().readableBytes();
    if (discardedBytes > DISCARDED_BYTES_MAX || part.decoderResult().isFailure()) {
      requestEnded = true;
      lastRequest = true;
    }
    discarded(ctx);
  }

  /// After a refusal the rest of the request is read, or else its sender would not read the answer.
  private void discarded(ChannelHandlerContext ctx) {
    ChannelFuture written = refusalWritten;
    if (!requestEnded) {
      ctx.read();
    } else if (written != null && lastRequest) {
      var _ = written.addListener(_ -> linger(ctx));
    } else {
      next(ctx);
    }
  }

  /// Ends the connection so that the other side reads what it was sent: closed with bytes of its
  /// own unread, it would be told of an error instead.
  private void linger(ChannelHandlerContext ctx) {
    if (lingering) {
      return;
    }
    lingering = true;
    if (ctx.channel() instanceof SocketChannel socket
        && ctx.pipeline().get(SslHandler.class) == null) {
      var _ = socket.shutdownOutput();
      var _ =
          ctx.executor()
              .schedule(
                  () -> {
                    var _ = ctx.close();
                  },
                  LINGER_MILLIS,
                  TimeUnit.MILLISECONDS);
      ctx.read();
    } else {
      var _ = ctx.close();
    }
  }

  private void next(ChannelHandlerContext ctx) {
    HttpRequest waiting = early;
    current = null;
    early = null;
    exchange = null;
    refusalWritten = null;
    if (waiting != null) {
      head(ctx, waiting);
    } else {
      ctx.read();
    }
  }

  private void leave() {
    Guest asking = guest;
    if (entered && asking != null) {
      entered = false;
      asking.leave();
    }
  }

  /// What comes after an exchange.
  private final class After implements Exchange.End {
    private final ChannelHandlerContext ctx;
    private final SandboxIdentity sandbox;

    After(ChannelHandlerContext ctx, SandboxIdentity sandbox) {
      this.ctx = ctx;
      this.sandbox = sandbox;
    }

    @Override
    public void answered(boolean keepAlive) {
      leave();
      if (keepAlive && requestEnded && !(ctx.channel() instanceof Http2StreamChannel)) {
        next(ctx);
      } else if (!(ctx.channel() instanceof Http2StreamChannel) || !requestEnded) {
        linger(ctx);
      }
    }

    @Override
    public void failed(Refused refused) {
      refuse(ctx, sandbox, refused);
    }

    @Override
    public void broken() {
      leave();
      var _ = ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone = true;
    Exchange running = exchange;
    if (running != null) {
      running.clientGone();
    }
    leave();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }
}
