package io.steward.vaultproxy.proxy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.admission.Admissions;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.admission.Sandboxes;
import io.steward.vaultproxy.ca.CertificateAuthority;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.message.ConnectionHeaderDecoder;
import io.steward.vaultproxy.message.StrictRequestDecoder;
import io.steward.vaultproxy.policy.NetworkPolicy;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The way out of sandboxes: a forward proxy for HTTP and `CONNECT`.
///
/// Whose a connection is says its header, which the relay of a sandbox writes
/// ([ConnectionHeaderDecoder]), or else a client with `Proxy-Authorization: Basic`, any name and
/// the token of its sandbox. A request for an `http` URL is passed on. A `CONNECT` becomes a tunnel
/// nobody looks into, unless a secret of the session may be sent to that host: then the proxy
/// itself answers the TLS, with a certificate of the installation's authority, and opens its own to
/// the host. Refusals are answers with a sentence.
public final class EgressProxy implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int READ_BYTES_MAX = 65_536;

  private final EventLoopGroup loops;
  private final ExecutorService waiting;
  private final Admissions admissions;
  private final Channel listening;

  /// What the proxy works with.
  ///
  /// @param authority null when there is no key to keep it with; then there are no secrets, either
  /// @param tokens null when there is no key to keep them with
  /// @param secretsOverPlainHttp whether secrets may also be sent without TLS
  /// @param trust whose certificates of hosts are believed; null for whom this Java trusts
  public record Parts(
      Sandboxes sandboxes,
      SessionSecrets secrets,
      @Nullable RepositoryTokens tokens,
      NetworkPolicy policy,
      CheckedAddresses addresses,
      @Nullable CertificateAuthority authority,
      ProxyObserver observer,
      InstantSource clock,
      boolean secretsOverPlainHttp,
      @Nullable X509TrustManager trust,
      Tracing tracing) {}

  private EgressProxy(
      EventLoopGroup loops, ExecutorService waiting, Admissions admissions, Channel listening) {
    this.loops = loops;
    this.waiting = waiting;
    this.admissions = admissions;
    this.listening = listening;
  }

  /// Listens on `address` from now on.
  ///
  /// @throws RuntimeException when nobody can listen there
  public static EgressProxy start(InetSocketAddress address, Parts parts, ProxyLimits limits) {
    EventLoopGroup loops =
        new NioEventLoopGroup(THREADS, new DefaultThreadFactory("egress-proxy", true));
    ExecutorService waiting =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("egress-decision-", 0).factory());
    Admissions admissions = new Admissions(parts.sandboxes(), limits, System::nanoTime);
    HostTls tls = new HostTls(parts.authority(), parts.clock(), parts.trust());
    ProxyCore core =
        new ProxyCore(
            admissions,
            new Decider(
                parts.policy(),
                parts.addresses(),
                parts.secrets(),
                parts.tokens(),
                parts.secretsOverPlainHttp(),
                tls),
            new Upstreams(limits, tls),
            new Refusals(parts.observer()),
            parts.observer(),
            limits,
            new SigningRoom(),
            new ProxySpans(parts.tracing()),
            waiting);
    try {
      Channel listening =
          new ServerBootstrap()
              .group(loops)
              .channel(NioServerSocketChannel.class)
              .childOption(ChannelOption.AUTO_READ, false)
              .childOption(ChannelOption.TCP_NODELAY, true)
              .childOption(ChannelOption.RCVBUF_ALLOCATOR, reads())
              .childHandler(new Connections(core))
              .bind(address)
              .syncUninterruptibly()
              .channel();
      return new EgressProxy(loops, waiting, admissions, listening);
    } catch (RuntimeException e) {
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      waiting.shutdownNow();
      throw e;
    }
  }

  /// One read takes one buffer, and no more until it was passed on.
  static RecvByteBufAllocator reads() {
    return new AdaptiveRecvByteBufAllocator(512, 8192, READ_BYTES_MAX).maxMessagesPerRead(1);
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return (InetSocketAddress) listening.localAddress();
  }

  /// Connections of sandboxes that are open.
  public int connections() {
    return admissions.connections();
  }

  /// A sandbox has ended: its connections are closed. [Sandboxes] does not find it any more.
  public void ended(byte[] tokenSha256) {
    admissions.ended(tokenSha256);
  }

  @Override
  public void close() {
    var _ = listening.close().awaitUninterruptibly();
    waiting.shutdownNow();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /// What a new connection begins with.
  private static final class Connections extends ChannelInitializer<Channel> {
    private final ProxyCore core;

    Connections(ProxyCore core) {
      this.core = core;
    }

    @Override
    protected void initChannel(Channel connection) {
      if (!core.admissions().opened(connection)) {
        var _ = connection.close();
        return;
      }
      connection
          .pipeline()
          .addLast(
              new Idle(core.limits().idleMax().toMillis()),
              new ConnectionHeaderDecoder(),
              new StrictRequestDecoder(core.limits().headTimeMax()),
              new HttpResponseEncoder(),
              new FlowControlHandler(),
              new RequestRelay(core, new Entrance.Outside()));
    }
  }

  /// Closes a connection on which nothing happens.
  private static final class Idle extends IdleStateHandler {
    Idle(long idleMillisMax) {
      super(0, 0, idleMillisMax, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
      var _ = ctx.close();
    }
  }
}
