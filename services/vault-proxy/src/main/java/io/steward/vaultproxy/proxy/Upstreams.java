package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.egress.HostName;
import io.steward.vaultproxy.message.OutgoingHeaders;
import io.steward.vaultproxy.message.StrictRequestDecoder;
import io.steward.vaultproxy.proxy.Decision.Route;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/// Opens connections to hosts: to the addresses that were checked, in their order, and never to a
/// name. One connection carries one request, so that no host can answer to another request than the
/// one it was asked, and none is found closed when it is used again.
final class Upstreams {
  private final ProxyLimits limits;
  private final HostTls tls;

  Upstreams(ProxyLimits limits, HostTls tls) {
    this.limits = limits;
    this.tls = tls;
  }

  /// A connection for bytes.
  Future<Channel> openRaw(EventLoop loop, Route route) {
    Promise<Channel> opened = loop.newPromise();
    connect(loop, route, 0, opened);
    return opened;
  }

  /// A channel that takes one request and gives one answer, as Netty's objects of HTTP, and reads
  /// only when asked to. Closing it closes its connection.
  ///
  /// @param http2 whether HTTP/2 may be spoken, when the host wants to
  Future<Channel> open(EventLoop loop, Route route, boolean http2) {
    Promise<Channel> ready = loop.newPromise();
    var _ =
        openRaw(loop, route)
            .addListener((Future<Channel> opened) -> {
              if (!opened.isSuccess()) {
                ready.tryFailure(opened.cause());
              } else if (route.secure()) {
                secure(opened.getNow(), route, http2, ready);
              } else {
                speakHttp1(opened.getNow(), ready);
              }
            });
    return ready;
  }

  private void connect(EventLoop loop, Route route, int attempt, Promise<Channel> opened) {
    List<InetAddress> addresses = route.addresses();
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limits.connectTimeMax().toMillis())
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.RCVBUF_ALLOCATOR, EgressProxy.reads())
            .handler(new ChannelInboundHandlerAdapter())
            .connect(
                new InetSocketAddress(nameless(addresses.get(attempt)), route.endpoint().port()));
    var _ =
        connecting.addListener(_ -> {
          if (connecting.isSuccess()) {
            if (!opened.trySuccess(connecting.channel())) {
              var _ = connecting.channel().close();
            }
          } else if (attempt + 1 < addresses.size()) {
            connect(loop, route, attempt + 1, opened);
          } else {
            opened.tryFailure(connecting.cause());
          }
        });
  }

  private void secure(Channel channel, Route route, boolean http2, Promise<Channel> ready) {
    HostName host = route.endpoint().host();
    SslHandler handler =
        tls.client(http2).newHandler(channel.alloc(), host.text(), route.endpoint().port());
    handler.setHandshakeTimeoutMillis(limits.handshakeTimeMax().toMillis());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    if (host instanceof HostName.Name name) {
      parameters.setServerNames(List.of(new SNIHostName(name.text().getBytes(US_ASCII))));
    }
    handler.engine().setSSLParameters(parameters);
    channel.pipeline().addLast(handler);
    var _ =
        handler
            .handshakeFuture()
            .addListener(handshake -> {
              if (!handshake.isSuccess()) {
                ready.tryFailure(handshake.cause());
                var _ = channel.close();
              } else if (ApplicationProtocolNames.HTTP_2.equals(handler.applicationProtocol())) {
                speakHttp2(channel, ready);
              } else {
                speakHttp1(channel, ready);
              }
            });
    channel.read();
  }

  private static void speakHttp1(Channel channel, Promise<Channel> ready) {
    channel
        .pipeline()
        .addLast(
            new HttpClientCodec(
                new HttpDecoderConfig()
                    .setMaxHeaderSize(OutgoingHeaders.BYTES_MAX)
                    .setMaxChunkSize(StrictRequestDecoder.PART_BYTES_MAX),
                false,
                false),
            new FlowControlHandler());
    hand(channel, channel, ready);
  }

  private static void speakHttp2(Channel connection, Promise<Channel> ready) {
    connection
        .pipeline()
        .addLast(
            Http2FrameCodecBuilder.forClient()
                .initialSettings(
                    Http2Settings.defaultSettings()
                        .pushEnabled(false)
                        .maxHeaderListSize(OutgoingHeaders.BYTES_MAX))
                .build(),
            new Http2MultiplexHandler(new Unasked()));
    connection.config().setAutoRead(true);
    ChannelInitializer<Channel> stream =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            ChannelPipeline pipeline = channel.pipeline();
            // No FlowControlHandler, which would drop what it holds when the host ends the stream;
            // the window of the stream bounds what comes at once.
            pipeline.addLast(new Http2StreamFrameToHttpObjectCodec(false));
          }
        };
    var _ =
        new Http2StreamChannelBootstrap(connection)
            .option(ChannelOption.AUTO_READ, false)
            .handler(stream)
            .open()
            .addListener((Future<Http2StreamChannel> opened) -> {
              if (opened.isSuccess()) {
                var _ =
                    opened
                        .getNow()
                        .closeFuture()
                        .addListener(_ -> {
                          var _ = connection.close();
                        });
                hand(opened.getNow(), connection, ready);
              } else {
                ready.tryFailure(opened.cause());
                var _ = connection.close();
              }
            });
  }

  private static void hand(Channel channel, Channel connection, Promise<Channel> ready) {
    if (!ready.trySuccess(channel)) {
      var _ = connection.close();
    }
  }

  /// Streams a host opens; none is asked for.
  @ChannelHandler.Sharable
  private static final class Unasked extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      var _ = ctx.close();
    }
  }

  private static InetAddress nameless(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Only for a wrong number of bytes.
    }
  }
}
