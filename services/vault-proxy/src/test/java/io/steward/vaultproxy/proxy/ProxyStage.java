package io.steward.vaultproxy.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.steward.schemas.agent.EnvironmentConfig.Limited;
import io.steward.schemas.agent.EnvironmentConfig.Networking;
import io.steward.schemas.agent.EnvironmentConfig.Unrestricted;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxNetwork;
import io.steward.schemas.trace.Tracing;
import io.steward.schemas.vault.Placeholders;
import io.steward.vaultproxy.admission.ProxyLimits;
import io.steward.vaultproxy.ca.AuthorityStore;
import io.steward.vaultproxy.ca.CertificateAuthority;
import io.steward.vaultproxy.egress.AddressPolicy;
import io.steward.vaultproxy.egress.CheckedAddresses;
import io.steward.vaultproxy.inject.Injection;
import io.steward.vaultproxy.inject.Placeholder;
import io.steward.vaultproxy.policy.HostSet;
import io.steward.vaultproxy.policy.NetworkPolicy;
import io.steward.vaultproxy.policy.PackageRegistries;
import io.steward.vaultproxy.policy.Refusal;
import io.steward.vaultproxy.policy.SandboxIdentity;
import io.steward.vaultproxy.seal.KeyEncryptionKey;
import io.steward.vaultproxy.seal.KeyStore.WrappedKeyset;
import io.steward.vaultproxy.seal.VaultKeys;
import io.steward.vaultproxy.stage.Sealing;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// The proxy on the loopback address, with sandboxes, names and secrets a test decides. Every name
/// that ends with `.example` is this machine.
final class ProxyStage implements AutoCloseable {
  static final String TOKEN = "token-of-the-sandbox";

  private static final String SALT = "salt";

  private final Map<String, SandboxIdentity> sandboxes = new ConcurrentHashMap<>();
  private final Map<String, Integer> looks = new ConcurrentHashMap<>();
  private final Map<String, Deque<String>> addresses = new ConcurrentHashMap<>();
  private final List<Injection> secrets = new CopyOnWriteArrayList<>();
  private final List<SandboxNetwork.Repository> repositories = new CopyOnWriteArrayList<>();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();
  private final Seen seen = new Seen();
  private final CertificateAuthority authority;
  private final EgressProxy proxy;

  /// What the proxy reported.
  static final class Seen implements ProxyObserver {
    final List<Refusal.Reason> refused = new CopyOnWriteArrayList<>();
    final List<CredentialUse> used = new CopyOnWriteArrayList<>();

    @Override
    public void refused(Refusal.Reason reason) {
      refused.add(reason);
    }

    @Override
    public void used(CredentialUse use) {
      used.add(use);
    }
  }

  private ProxyStage(
      Path directory, Set<Integer> ports, ProxyLimits limits, @Nullable X509TrustManager trust)
      throws IOException {
    authority = authority(directory);
    proxy =
        EgressProxy.start(
            new InetSocketAddress("127.0.0.1", 0),
            new EgressProxy.Parts(
                this::find,
                _ -> List.copyOf(secrets),
                (_, repository) ->
                    Optional.ofNullable(tokens.get(repository.secretId()))
                        .map(token -> token.getBytes(UTF_8)),
                new NetworkPolicy(new PackageRegistries(List.of()), ports),
                new CheckedAddresses(this::resolve, AddressPolicy.parse("127.0.0.1")),
                authority,
                seen,
                Clock.systemUTC(),
                true,
                trust,
                Tracing.off()),
            limits);
    admit(TOKEN, new Unrestricted());
  }

  /// @param ports of the servers secrets may be sent to
  static ProxyStage start(
      Path directory, Set<Integer> ports, ProxyLimits limits, @Nullable X509TrustManager trust)
      throws IOException {
    return new ProxyStage(directory, ports, limits, trust);
  }

  static ProxyStage start(Path directory, Set<Integer> ports) throws IOException {
    return start(directory, ports, patient(Duration.ofMillis(200)), null);
  }

  /// The usual limits, but for the time a token is looked for.
  static ProxyLimits patient(Duration announcementMax) {
    ProxyLimits usual = ProxyLimits.usual();
    return new ProxyLimits(
        usual.connectionsMax(),
        usual.anonymousMax(),
        usual.connectionsPerSandboxMax(),
        usual.exchangesPerSandboxMax(),
        usual.requestsPerSecond(),
        usual.requestsBurst(),
        usual.headTimeMax(),
        usual.idleMax(),
        usual.connectTimeMax(),
        usual.handshakeTimeMax(),
        announcementMax);
  }

  private Optional<SandboxIdentity> find(byte[] sha256) {
    looks.merge(key(sha256), 1, Integer::sum);
    return Optional.ofNullable(sandboxes.get(key(sha256)));
  }

  /// How often a token was looked for.
  int looks(String token) {
    return looks.getOrDefault(key(sha256(token)), 0);
  }

  private static CertificateAuthority authority(Path directory) throws IOException {
    Map<String, WrappedKeyset> keys = new ConcurrentHashMap<>();
    Map<String, AuthorityStore.KeptAuthority> kept = new ConcurrentHashMap<>();
    return CertificateAuthority.load(
        VaultKeys.load(
                KeyEncryptionKey.read(Sealing.kek(directory, 7)),
                fresh -> keys.computeIfAbsent(fresh.purpose(), _ -> fresh),
                Clock.systemUTC().instant())
            .data(),
        fresh -> kept.computeIfAbsent("one", _ -> fresh),
        Clock.systemUTC());
  }

  void admit(String token, Networking networking) {
    sandboxes.put(
        key(sha256(token)),
        new SandboxIdentity(
            "sbx_1",
            SessionId.random(1),
            "wrkspc_default",
            networking,
            Set.of(),
            List.of(),
            repositories));
  }

  /// A sandbox with a `limited` environment.
  void limit(String token, String... hosts) {
    admit(token, new Limited(List.of(hosts), false, false));
  }

  /// The sandbox is gone, and the proxy is told.
  void end(String token) {
    sandboxes.remove(key(sha256(token)));
    proxy.ended(sha256(token));
  }

  /// A secret the session may send to `hosts`.
  Placeholder secret(String id, String text, HostSet hosts) {
    return secret(id, text, hosts, true, true);
  }

  Placeholder secret(String id, String text, HostSet hosts, boolean header, boolean body) {
    Placeholder placeholder = new Placeholder(Placeholders.of(SALT, SessionId.random(1), id));
    keep(id, text, placeholder, hosts, header, body);
    return placeholder;
  }

  private void keep(
      String id,
      String text,
      Placeholder placeholder,
      HostSet hosts,
      boolean header,
      boolean body) {
    secrets.removeIf(secret -> secret.credentialId().equals(id));
    secrets.add(new Injection("vlt_1", id, placeholder, text.getBytes(UTF_8), hosts, header, body));
  }

  /// Something else the session may use.
  void use(Injection injection) {
    secrets.add(injection);
  }

  /// The session has that repository, with a token.
  void repository(String url, String secretId, String token) {
    repositories.add(new SandboxNetwork.Repository(url, secretId));
    tokens.put(secretId, token);
    admit(TOKEN, new Unrestricted());
  }

  /// The repositories stay, without their tokens.
  void forgetTokens() {
    tokens.clear();
  }

  /// Another secret behind the same placeholder.
  void rotate(String id, String text) {
    Injection old =
        secrets.stream()
            .filter(secret -> secret.credentialId().equals(id))
            .findFirst()
            .orElseThrow();
    Injection.Replace form = (Injection.Replace) old.form();
    keep(id, text, form.placeholder(), old.hosts(), form.header(), form.body());
  }

  void forgetSecrets() {
    secrets.clear();
    repositories.clear();
    admit(TOKEN, new Unrestricted());
  }

  /// What `name` is resolved to, one answer after another; the last one stays.
  void resolveTo(String name, String... answers) {
    addresses.put(name, new ArrayDeque<>(List.of(answers)));
  }

  private List<InetAddress> resolve(String name) throws UnknownHostException {
    Deque<String> answers = addresses.get(name);
    if (answers != null) {
      synchronized (answers) {
        return List.of(
            InetAddress.ofLiteral(answers.size() > 1 ? answers.removeFirst() : answers.getFirst()));
      }
    }
    if (!name.endsWith(".example")) {
      throw new UnknownHostException(name);
    }
    return List.of(InetAddress.ofLiteral("127.0.0.1"));
  }

  InetSocketAddress address() {
    return proxy.address();
  }

  Wire connect() throws IOException {
    return Wire.to(proxy.address());
  }

  Seen seen() {
    return seen;
  }

  CertificateAuthority authority() {
    return authority;
  }

  /// A connection through a tunnel that was opened.
  Wire tunnel(String authority) throws IOException {
    Wire wire = connect().send("CONNECT " + authority + " HTTP/1.1|Host: x|" + AUTH + "||");
    Wire.Reply reply = wire.reply(false);
    if (reply.status() != 200) {
      throw new IOException(reply.head());
    }
    return wire;
  }

  /// A tunnel the proxy itself answers the TLS of.
  Wire intercepted(String host, int port) throws IOException, GeneralSecurityException {
    return tunnel(host + ":" + port).secure(host, trust(authority.certificate()));
  }

  static final String AUTH = auth(TOKEN);

  static String auth(String token) {
    return "Proxy-Authorization: Basic "
        + Base64.getEncoder().encodeToString(("sandbox:" + token).getBytes(ISO_8859_1));
  }

  static X509TrustManager trust(Path certificate) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(certificate)) {
      return trust(
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
  }

  static X509TrustManager trust(X509Certificate certificate)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("own", certificate);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(ISO_8859_1));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String key(byte[] sha256) {
    return HexFormat.of().formatHex(sha256);
  }

  @Override
  public void close() {
    proxy.close();
  }
}
