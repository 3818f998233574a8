package io.steward.vaultproxy.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import io.steward.vaultproxy.admission.Guest;
import io.steward.vaultproxy.message.HeadRules;
import io.steward.vaultproxy.message.StrictRequestDecoder;
import io.steward.vaultproxy.proxy.Decision.Intercept;
import io.steward.vaultproxy.proxy.Entrance.Inside;
import org.jboss.logging.Logger;

/// Ends the TLS of a tunnel here, with a certificate of the installation's authority, and takes the
/// requests in it, of HTTP/1.1 or HTTP/2 as the client chose.
final class Interception extends ApplicationProtocolNegotiationHandler {
  /// Requests at once on one connection.
  private static final int STREAMS_MAX = 32;

  private static final Logger LOG = Logger.getLogger(Interception.class);

  private final ProxyCore core;
  private final Inside entrance;

  private Interception(ProxyCore core, Inside entrance) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.core = core;
    this.entrance = entrance;
  }

  /// Answers the `CONNECT`, and takes TLS from then on.
  static void begin(ChannelHandlerContext ctx, ProxyCore core, Guest guest, Intercept intercept) {
    SslHandler tls = intercept.tls().newHandler(ctx.alloc());
    tls.setHandshakeTimeoutMillis(core.limits().handshakeTimeMax().toMillis());
    Interception interception = new Interception(core, new Inside(guest, intercept.endpoint()));
    var _ =
        ctx.writeAndFlush(RequestRelay.empty(HttpResponseStatus.OK))
            .addListener(written -> {
              if (written.isSuccess() && ctx.channel().isActive()) {
                TunnelPipe.become(ctx, tls, interception);
              }
            });
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    ChannelPipeline pipeline = ctx.pipeline();
    if (!protocol.equals(ApplicationProtocolNames.HTTP_2)) {
      pipeline.addLast(
          new StrictRequestDecoder(core.limits().headTimeMax()),
          new HttpResponseEncoder(),
          new FlowControlHandler(),
          new RequestRelay(core, entrance));
      return;
    }
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(STREAMS_MAX)
                    .maxHeaderListSize(HeadRules.BYTES_MAX))
            .build(),
        new Http2MultiplexHandler(new Streams()));
    ctx.channel().config().setAutoRead(true);
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
    LOG.infof(
        "a client did not take the certificate for %s: does it trust this installation's"
            + " authority? (%s)",
        entrance.endpoint(), cause.getClass().getSimpleName());
    var _ = ctx.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }

  /// The streams of an HTTP/2 connection: one request each.
  private final class Streams extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.config().setAutoRead(false);
      stream
          .pipeline()
          .addLast(
              new Http2StreamFrameToHttpObjectCodec(true),
              new FlowControlHandler(),
              new RequestRelay(core, entrance));
    }
  }
}
