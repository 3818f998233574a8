package io.steward.harness;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.McpDecisions;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.RepositoryDecisions;
import io.steward.harness.decide.Speculation;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.KafkaClients;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.metric.Metrics;
import io.steward.harness.model.ModelClient;
import io.steward.harness.model.anthropic.WarmUp;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.partition.ToolForecast;
import io.steward.harness.request.ModelRequests;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.harness.trace.Spans;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.blob.s3.BlobStores;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.RecordFormat;
import io.steward.schemas.model.ModelCatalog;
import io.steward.schemas.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Puts the harness together, starts it and stops it.
@ApplicationScoped
class Harness {
  private static final Duration READY_CHECK = Duration.ofMillis(50);

  private final ModelClient model;
  private final PartitionOwner owner;
  private final Tracing tracing;
  private final Duration drainMax;
  private final CountDownLatch stopped = new CountDownLatch(1);

  Harness(HarnessConfig config, MeterRegistry registry) {
    ModelCatalog models = catalog(config);
    BlobStore blobs = BlobStores.open(config.blobDir(), config.blobS3());
    Metrics metrics = new Metrics(registry, models);
    this.model = Models.open(config, models, blobs, metrics);
    this.tracing = Tracing.open("harness");
    this.owner = owner(config, models, model, blobs, metrics, new Spans(tracing, models));
    this.drainMax = config.turn().drainMax();
  }

  private static ModelCatalog catalog(HarnessConfig config) {
    try {
      return ModelCatalog.load(config.models());
    } catch (IOException e) {
      throw new IllegalStateException("the model catalog cannot be used: " + e.getMessage(), e);
    }
  }

  private static PartitionOwner owner(
      HarnessConfig config,
      ModelCatalog models,
      ModelClient model,
      BlobStore blobs,
      Metrics metrics,
      Spans spans) {
    HarnessConfig.Turn turn = config.turn();
    Searches searches = Searches.open(config, models, model);
    HarnessConfig.Loop loop = config.loop();
    TurnLimits limits =
        new TurnLimits(
            turn.toolRoundsMax(),
            turn.modelAttemptsMax(),
            turn.retryDelay(),
            turn.retryDelayMax(),
            turn.retryAfterMax(),
            turn.compactionsMax(),
            turn.cloneMax(),
            turn.mcpMax());
    IdSource ids = Ids::random;
    InstantSource clock = InstantSource.system();
    RecordFormat format = new RecordFormat(blobs);
    KafkaClients clients =
        new KafkaClients(
            config.kafka().bootstrapServers(),
            config.kafka().group(),
            config.kafka().instance().orElse(null),
            config.kafka().sessionTimeout());
    StepDecisions steps = new StepDecisions(ids, limits, models, searches.searcher());
    return new PartitionOwner(
        clients,
        format,
        new LoopSettings(
            clock,
            new ModelRequests(models, config.model().tokensMax(), searches.searcher()),
            loop.cacheBytesMax(),
            loop.backlogMax(),
            loop.stepsMax(),
            loop.refusalsMax(),
            loop.refusalDelay(),
            metrics,
            new ToolForecast(speculation(turn.speculation())),
            spans),
        new StepPerformer(
            steps,
            new ReplyDecisions(ids, searches.searcher()),
            new FailureDecisions(ids, limits, RandomGenerator.getDefault()),
            new RepositoryDecisions(ids, steps),
            new McpDecisions(ids, steps)),
        new ModelCalls(
            model,
            searches.search(),
            new PreviewWriter(clients.previews(), format, clock, config.model().totalTimeout())));
  }

  private static Speculation speculation(HarnessConfig.Ahead ahead) {
    return Speculation.of(ahead.mode(), ahead.shareMin(), ahead.turnsMin(), ahead.sandboxLives());
  }

  void onStart(@Observes StartupEvent event) {
    owner.start();
    Thread.ofVirtual().name("warm-up").start(this::warmUp);
  }

  /// After take-over, which is more urgent.
  private void warmUp() {
    try {
      while (!owner.isReady()) {
        if (stopped.await(READY_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
      new WarmUp().run();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  void onStop(@Observes ShutdownEvent event) {
    stopped.countDown();
    owner.stop(drainMax);
    model.close();
    tracing.close();
  }

  boolean isReady() {
    return owner.isReady();
  }

  boolean isAlive() {
    return owner.isAlive();
  }
}
