package io.steward.devbox;

import io.steward.devbox.demo.DemoModel;
import io.steward.devbox.program.Installation;
import io.steward.devbox.program.Jvm;
import io.steward.devbox.program.Service;
import io.steward.devbox.program.Surroundings;
import io.steward.devbox.proxy.Proxy;
import io.steward.devbox.proxy.Readiness;
import io.steward.devbox.proxy.Upstreams;
import io.steward.devbox.settings.DataDirectory;
import io.steward.devbox.settings.ModelKeys;
import io.steward.devbox.settings.ModelSource;
import io.steward.devbox.settings.Secret;
import io.steward.devbox.settings.Settings;
import io.steward.devbox.settings.StartRefused;
import io.steward.devbox.supervise.Family;
import io.steward.devbox.supervise.Launch;
import io.steward.devbox.supervise.Program;
import io.steward.devbox.supervise.Supervised;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One running instance. The order of a start: the lock, what an earlier instance left behind, the
/// public port (which answers 503 from then on), Kafka and PostgreSQL side by side, the topics, the
/// five services side by side. A stop goes the other way.
final class Devbox implements AutoCloseable {
  private static final Duration SERVICES_START_MAX = Duration.ofSeconds(120);

  private final Settings settings;
  private final Installation installation;
  private final Jvm.AotUse aot;
  private final Progress progress;
  private final DataDirectory data;
  private final Family family;
  private final Vertx vertx;
  private final Map<String, String> inherited;
  private final Secret apiKey;
  private final Secret postgresPassword;

  private Devbox(
      Settings settings,
      Installation installation,
      Jvm.AotUse aot,
      Progress progress,
      DataDirectory data,
      Family family)
      throws IOException {
    this.settings = settings;
    this.installation = installation;
    this.aot = aot;
    this.progress = progress;
    this.data = data;
    this.family = family;
    this.inherited = Inherited.of(System.getenv(), family.mark());
    this.apiKey =
        settings.apiKey().isPresent()
            ? settings.apiKey().get()
            : data.secret("api-key", "sk-steward-");
    this.postgresPassword = data.secret("postgres-password", "pg-");
    data.makeKey(DataDirectory.VAULT_KEY);
    this.vertx =
        Vertx.vertx(new VertxOptions().setWorkerPoolSize(2).setInternalBlockingPoolSize(2));
  }

  /// Takes the data directory. Nothing runs yet.
  ///
  /// @throws StartRefused when it is not to be had
  static Devbox open(
      Settings settings, Installation installation, Jvm.AotUse aot, PrintStream console)
      throws StartRefused, IOException, InterruptedException {
    Progress progress = new Progress(console);
    DataDirectory data = DataDirectory.open(settings.dataDirectory());
    Launch launch = Launch.ofThisMachine(System.getenv());
    Family family = Family.found(data.root(), launch, console);
    data.clearRun();
    data.writeRun("devbox.pid", Long.toString(ProcessHandle.current().pid()));
    data.writeRun("port", Integer.toString(settings.port()));
    return new Devbox(settings, installation, aot, progress, data, family);
  }

  Secret apiKey() {
    return apiKey;
  }

  boolean isDemo() {
    return settings.model() instanceof ModelSource.Demo;
  }

  /// Starts everything and waits until it is ready.
  ///
  /// @throws StartRefused when a part does not come up
  void start() throws StartRefused, IOException, InterruptedException {
    Ports.require(settings.port(), "STEWARD_PORT");
    Ports.require(settings.kafkaPort(), "STEWARD_KAFKA_PORT");
    Ports ports = new Ports(new SecureRandom());
    Map<Service, Upstreams.Port> upstreamPorts = new EnumMap<>(Service.class);
    for (Service service : Service.values()) {
      upstreamPorts.put(service, new Upstreams.Port(ports.free()));
    }
    var upstreams = new Upstreams(upstreamPorts);
    Stores stores =
        new Stores(
            installation,
            aot,
            progress,
            data,
            family,
            settings.kafkaPort(),
            settings.auditRetention());
    Readiness readiness = new Readiness(vertx, upstreams, stores.running());
    listen(new Proxy(vertx, upstreams, readiness, apiKey));

    int postgresPort = ports.free();
    int controllerPort = ports.free();
    CompletableFuture<Void> topics = inBackground(() -> stores.startKafka(controllerPort));
    stores.startPostgres(postgresPort);
    Surroundings surroundings = surroundings(postgresPort, ports.free(), ports.free());
    await(topics, Stores.START_MAX, "Kafka");
    for (Service service : Service.values()) {
      family.add(
          new Program(
              service.wireName(),
              List.of(),
              installation.command(service, aot),
              surroundings.of(service, upstreams.port(service).number()),
              data.root(),
              Program.StopSignal.TERM));
    }
    awaitReady(readiness);
  }

  /// Stops everything, services first, within the given time.
  void stop(Duration servicesMax, Duration storesMax) {
    family.stop(
        List.of(
            List.of(Service.values()).stream().map(Service::wireName).toList(),
            List.of("kafka"),
            List.of("postgres")),
        servicesMax,
        storesMax);
  }

  @Override
  public void close() throws IOException {
    var _ = vertx.close();
    data.clearRun();
    data.close();
  }

  private void listen(Proxy proxy) throws StartRefused, InterruptedException {
    try {
      proxy.listen(settings.port()).toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new StartRefused(
          "Port "
              + settings.port()
              + " cannot be listened on ("
              + e.getCause()
              + "); set STEWARD_PORT to another one.",
          e);
    }
  }

  private Surroundings surroundings(int postgresPort, int egressPort, int demoPort)
      throws StartRefused, IOException, InterruptedException {
    Path catalog = settings.models().orElse(null);
    String baseUrl;
    Secret key;
    switch (settings.model()) {
      case ModelSource.Demo _ -> {
        baseUrl = "http://127.0.0.1:" + demoPort;
        key = new Secret("demo");
        catalog = data.writeRun("demo-models.yaml", DemoModel.CATALOG);
        awaitBound(new DemoModel(vertx).listen(demoPort));
      }
      case ModelSource.Upstream(var url, Secret upstreamKey) -> {
        baseUrl = url.toString();
        key = upstreamKey;
      }
    }
    return new Surroundings(
        inherited,
        System.getenv(),
        data.root(),
        "127.0.0.1:" + settings.kafkaPort(),
        postgresPort,
        egressPort,
        postgresPassword,
        apiKey,
        new Surroundings.Models(
            catalog,
            baseUrl,
            key,
            isDemo() ? "demo" : "anthropic",
            ModelKeys.of(Optional.ofNullable(catalog), System.getenv())),
        settings.sandbox());
  }

  private static void awaitBound(Future<Integer> port) throws StartRefused, InterruptedException {
    try {
      port.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new StartRefused("The demo model cannot listen: " + e.getCause() + ".", e);
    }
  }

  private void awaitReady(Readiness readiness) throws InterruptedException, StartRefused {
    long giveUpNanos = System.nanoTime() + SERVICES_START_MAX.toNanos();
    while (true) {
      Map<String, Boolean> parts = ask(readiness);
      parts.forEach((name, ready) -> progress.observe(name, ready));
      List<String> missing =
          parts.entrySet().stream().filter(e -> !e.getValue()).map(Map.Entry::getKey).toList();
      if (missing.isEmpty()) {
        return;
      }
      for (Supervised child : family.members()) {
        Stores.requireHope(child);
      }
      if (System.nanoTime() > giveUpNanos) {
        throw new StartRefused(
            String.join(", ", missing)
                + ": not ready after "
                + SERVICES_START_MAX.toSeconds()
                + " s; the logs are in "
                + data.path("logs")
                + ".");
      }
      Thread.sleep(50);
    }
  }

  private static Map<String, Boolean> ask(Readiness readiness) throws InterruptedException {
    try {
      return readiness.ask().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A step of a start.
  private interface Step {
    void run() throws StartRefused, IOException, InterruptedException;
  }

  private static CompletableFuture<Void> inBackground(Step step) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            step.run();
            end.complete(null);
          } catch (StartRefused | IOException | InterruptedException | RuntimeException e) {
            end.completeExceptionally(e);
          }
        });
    return end;
  }

  private static void await(CompletableFuture<Void> step, Duration max, String what)
      throws StartRefused, IOException, InterruptedException {
    try {
      step.get(max.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new StartRefused(what + " is not ready after " + max.toSeconds() + " s.", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case StartRefused refused -> throw refused;
        case IOException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }
}
