package io.steward.vaultproxy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import io.steward.vaultproxy.egress.EgressRefusal;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.message.StrictRequestDecoder;
import io.steward.vaultproxy.policy.Endpoint;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;
import org.jspecify.annotations.Nullable;

/// One direction of a tunnel whose bytes nobody looks at, but for the first: they must be TLS, for
/// the host the tunnel was opened to. The other side is read only when everything was written.
final class TunnelPipe extends ChannelInboundHandlerAdapter {
  private final Channel other;

  private TunnelPipe(Channel other) {
    this.other = other;
  }

  /// Answers the `CONNECT`, and passes bytes from then on.
  static void begin(
      ChannelHandlerContext ctx,
      ProxyCore core,
      SandboxIdentity sandbox,
      Endpoint endpoint,
      Channel host) {
    host.pipeline().addLast(new TunnelPipe(ctx.channel()));
    var _ =
        ctx.writeAndFlush(RequestRelay.empty(HttpResponseStatus.OK))
            .addListener(written -> {
              if (!written.isSuccess() || !ctx.channel().isActive()) {
                var _ = host.close();
                return;
              }
              become(ctx, new SniGuard(core, sandbox, endpoint), new TunnelPipe(host));
              host.read();
            });
  }

  /// Replaces the handlers of HTTP. What came ahead of the answer goes to the new ones.
  static void become(ChannelHandlerContext relay, ChannelHandler... handlers) {
    ChannelPipeline pipeline = relay.pipeline();
    pipeline.addLast(handlers);
    pipeline.remove(RequestRelay.class);
    pipeline.remove(FlowControlHandler.class);
    pipeline.remove(HttpResponseEncoder.class);
    pipeline.remove(StrictRequestDecoder.class);
    relay.channel().read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var _ =
        other
            .writeAndFlush(message)
            .addListener(written -> {
              if (written.isSuccess()) {
                ctx.read();
              } else {
                var _ = ctx.close();
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    var _ = other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }

  /// Lets only TLS for one host pass.
  private static final class SniGuard extends AbstractSniHandler<Boolean> {
    private static final int HELLO_BYTES_MAX = 65_536;

    /// A fatal alert: unrecognized_name.
    private static final byte[] ALERT = {0x15, 3, 3, 0, 2, 2, 112};

    private final ProxyCore core;
    private final SandboxIdentity sandbox;
    private final Endpoint endpoint;
    private boolean tls;

    SniGuard(ProxyCore core, SandboxIdentity sandbox, Endpoint endpoint) {
      super(HELLO_BYTES_MAX, core.limits().handshakeTimeMax().toMillis());
      this.core = core;
      this.sandbox = sandbox;
      this.endpoint = endpoint;
    }

    @Override
    protected Future<Boolean> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello)
        throws Exception {
      tls = hello != null;
      return super.lookup(ctx, hello);
    }

    @Override
    protected Future<Boolean> lookup(ChannelHandlerContext ctx, @Nullable String name) {
      return ctx.executor().newSucceededFuture(tls && names(name));
    }

    private boolean names(@Nullable String name) {
      if (endpoint.host() instanceof HostName.Literal) {
        return name == null;
      }
      try {
        return name != null && HostName.parse(name).equals(endpoint.host());
      } catch (EgressRefusal e) {
        return false;
      }
    }

    @Override
    protected void onLookupComplete(
        ChannelHandlerContext ctx, @Nullable String name, Future<Boolean> passes) {
      if (passes.getNow()) {
        ctx.pipeline().remove(this);
        return;
      }
      core.refusals()
          .note(
              sandbox,
              new Refusal(
                  Refusal.Reason.MISDIRECTED,
                  "A tunnel to " + endpoint + " carries TLS for that host, and nothing else."));
      var _ =
          ctx.writeAndFlush(Unpooled.wrappedBuffer(ALERT)).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }
}
