package io.steward.vaultproxy;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.trace.Tracing;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.admission.RunningSandboxes;
import io.steward.vaultproxy.audit.Audit;
import io.steward.vaultproxy.ca.CertificateAuthority;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.policy.NetworkPolicy;
import io.steward.vaultproxy.policy.PackageRegistries;
import io.steward.vaultproxy.postgres.Transactions;
import io.steward.vaultproxy.proxy.EgressProxy;
import io.steward.vaultproxy.proxy.HostTrust;
import io.steward.vaultproxy.proxy.ProxyObserver;
import io.steward.vaultproxy.proxy.SessionSecrets;
import io.steward.vaultproxy.repository.GitHosts;
import io.steward.vaultproxy.repository.SessionTokens;
import io.steward.vaultproxy.seal.DataKeys;
import io.steward.vaultproxy.secret.PostgresSecrets;
import io.steward.vaultproxy.session.VaultSecrets;
import io.steward.vaultproxy.store.PostgresVariables;
import io.steward.vaultproxy.topic.SandboxTail;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509TrustManager;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Puts the egress proxy together, starts and stops it. Without a key-encryption key it lets
/// traffic out, and puts no secrets into it. Whoever wants to know what it does is a bean that is a
/// [ProxyObserver].
@ApplicationScoped
class EgressService {
  private static final Logger LOG = Logger.getLogger(EgressService.class);
  private static final int PORT_MAX = 65_535;

  private final EgressSettings settings;
  private final VaultSettings vault;
  private final InstallationKeys installation;
  private final DataSource database;
  private final RecordFormat format;
  private final DataKeys dataKeys;
  private final CheckedAddresses addresses;
  private final EgressMetrics metrics;
  private final Instance<ProxyObserver> observers;
  private final Audit audit;
  private final GitSettings git;
  private final InstantSource clock;
  private final Tracing tracing;
  private volatile @Nullable Running running;

  private record Running(EgressProxy proxy, SandboxTail tail) {}

  EgressService(
      EgressSettings settings,
      VaultSettings vault,
      InstallationKeys installation,
      DataSource database,
      RecordFormat format,
      DataKeys dataKeys,
      CheckedAddresses addresses,
      EgressMetrics metrics,
      Instance<ProxyObserver> observers,
      Audit audit,
      GitSettings git,
      InstantSource clock,
      Tracing tracing) {
    this.settings = settings;
    this.vault = vault;
    this.installation = installation;
    this.database = database;
    this.format = format;
    this.dataKeys = dataKeys;
    this.addresses = addresses;
    this.metrics = metrics;
    this.observers = observers;
    this.audit = audit;
    this.git = git;
    this.clock = clock;
    this.tracing = tracing;
  }

  void start(@Observes StartupEvent event) {
    if (!settings.proxyEnabled()) {
      LOG.info("there is no egress proxy: steward.egress.proxy-enabled is false");
      return;
    }
    RunningSandboxes sandboxes = new RunningSandboxes();
    SandboxTail tail = new SandboxTail(vault.bootstrapServers(), format, sandboxes, this::ended);
    EgressProxy proxy = listening(sandboxes, tail);
    running = new Running(proxy, tail);
    metrics.show(proxy, sandboxes, tail);
    tail.start();
    LOG.infof("the egress proxy listens on %s", proxy.address());
  }

  private void ended(byte[] tokenSha256) {
    Running current = running;
    if (current != null) {
      current.proxy().ended(tokenSha256);
    }
  }

  /// Before the tail has caught up, what it knows may be old, so nobody is known.
  private EgressProxy listening(RunningSandboxes sandboxes, SandboxTail tail) {
    Optional<CertificateAuthority> authority =
        installation.open().map(InstallationKeys.Opened::authority);
    SessionSecrets secrets =
        authority.isEmpty()
            ? _ -> List.of()
            : new VaultSecrets(
                new PostgresVariables(new Transactions(database), dataKeys), audit.uses()::hasRoom);
    EgressProxy.Parts parts =
        new EgressProxy.Parts(
            sha256 -> tail.isCaughtUp() ? sandboxes.find(sha256) : Optional.empty(),
            secrets,
            tokens(),
            policy(settings),
            addresses,
            authority.orElse(null),
            ProxyObserver.all(observers.stream().toList()),
            clock,
            settings.secretsOverPlainHttp(),
            trust(settings),
            tracing);
    InetSocketAddress address = new InetSocketAddress(settings.proxyHost(), settings.proxyPort());
    try {
      return EgressProxy.start(address, parts, ProxyLimits.usual());
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "The egress proxy cannot listen on steward.egress.proxy-host and proxy-port"
              + " (STEWARD_EGRESS_PROXY_HOST, STEWARD_EGRESS_PROXY_PORT), which are "
              + address
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /// The tokens of repositories, null when there is no key to open them with.
  private @Nullable SessionTokens tokens() {
    return installation
        .open()
        .map(opened ->
            new SessionTokens(
                new PostgresSecrets(database, opened.keys().data(), clock),
                new GitHosts(git.hosts())))
        .orElse(null);
  }

  /// @throws IllegalStateException with one sentence when a setting is none
  static NetworkPolicy policy(EgressSettings settings) {
    List<Integer> ports = settings.ports().orElse(List.of());
    if (ports.stream().anyMatch(port -> port < 1 || port > PORT_MAX)) {
      throw new IllegalStateException(
          "steward.egress.ports (STEWARD_EGRESS_PORTS) is "
              + ports
              + "; each must be a port number from 1 to "
              + PORT_MAX
              + ".");
    }
    List<String> registries = settings.packageRegistries().orElse(List.of());
    try {
      return new NetworkPolicy(new PackageRegistries(registries), Set.copyOf(ports));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          "steward.egress.package-registries (STEWARD_EGRESS_PACKAGE_REGISTRIES) is "
              + registries
              + ": "
              + e.getMessage()
              + ". It must be hosts such as mirror.example.com or *.example.com.",
          e);
    }
  }

  /// @throws IllegalStateException with one sentence when the file is none
  static @Nullable X509TrustManager trust(EgressSettings settings) {
    Optional<Path> file = settings.ca().map(Path::toAbsolutePath);
    if (file.isEmpty()) {
      return null;
    }
    try {
      return HostTrust.and(file.get());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(
          "steward.egress.ca (STEWARD_EGRESS_CA) is "
              + file.get()
              + ", which cannot be read as certificates in PEM: "
              + e.getMessage(),
          e);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    Running current = running;
    if (current != null) {
      current.tail().close();
      current.proxy().close();
    }
  }

  /// Whether it knows all sandboxes, or is not wanted.
  boolean isReady() {
    Running current = running;
    return !settings.proxyEnabled() || current != null && current.tail().isCaughtUp();
  }
}
