package io.steward.harness;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.steward.harness.decide.FailureDecisions;
import io.steward.harness.decide.IdSource;
import io.steward.harness.decide.ReplyDecisions;
import io.steward.harness.decide.StepDecisions;
import io.steward.harness.decide.TurnLimits;
import io.steward.harness.log.KafkaClients;
import io.steward.harness.log.PreviewWriter;
import io.steward.harness.model.AnthropicModel;
import io.steward.harness.model.ModelEndpoint;
import io.steward.harness.model.Secret;
import io.steward.harness.model.WarmUp;
import io.steward.harness.partition.LoopSettings;
import io.steward.harness.partition.ModelCalls;
import io.steward.harness.partition.StepPerformer;
import io.steward.harness.takeover.PartitionOwner;
import io.steward.schemas.blob.DirectoryBlobStore;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.RecordFormat;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/// Puts the harness together, starts it and stops it.
@ApplicationScoped
class Harness {
  private static final Logger LOG = Logger.getLogger(Harness.class);
  private static final String NO_KEY = "none";
  private static final Duration READY_CHECK = Duration.ofMillis(50);

  private final AnthropicModel model;
  private final PartitionOwner owner;
  private final CountDownLatch stopped = new CountDownLatch(1);

  Harness(HarnessConfig config) {
    this.model = new AnthropicModel(endpoint(config.model()), Ids::random);
    this.owner = owner(config, model);
    if (config.model().label().equals("demo")) {
      LOG.warn("THE DEMO MODEL ANSWERS: it only runs commands it is given");
    } else if (config.model().apiKey().isEmpty()) {
      LOG.warn("There is no model key; every turn will end with an error");
    }
  }

  private static ModelEndpoint endpoint(HarnessConfig.ModelAccess config) {
    return new ModelEndpoint(
        config.baseUrl(),
        new Secret(config.apiKey().orElse(NO_KEY)),
        config.connectTimeout(),
        config.idleTimeout(),
        config.totalTimeout(),
        config.callsMax());
  }

  private static PartitionOwner owner(HarnessConfig config, AnthropicModel model) {
    HarnessConfig.Turn turn = config.turn();
    HarnessConfig.Loop loop = config.loop();
    TurnLimits limits =
        new TurnLimits(
            turn.toolRoundsMax(),
            turn.modelAttemptsMax(),
            turn.retryDelay(),
            turn.retryDelayMax(),
            turn.retryAfterMax());
    IdSource ids = Ids::random;
    InstantSource clock = InstantSource.system();
    RecordFormat format = new RecordFormat(new DirectoryBlobStore(config.blobDir()));
    KafkaClients clients =
        new KafkaClients(
            config.kafka().bootstrapServers(),
            config.kafka().group(),
            config.kafka().sessionTimeout());
    return new PartitionOwner(
        clients,
        format,
        new LoopSettings(
            clock,
            config.model().tokensMax(),
            loop.cacheBytesMax(),
            loop.backlogMax(),
            loop.stepsMax(),
            loop.refusalsMax(),
            loop.refusalDelay()),
        new StepPerformer(
            new StepDecisions(ids, limits),
            new ReplyDecisions(ids),
            new FailureDecisions(ids, limits, RandomGenerator.getDefault())),
        new ModelCalls(
            model,
            config.model().callsMax(),
            new PreviewWriter(clients.previews(), format, clock)));
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
    owner.stop();
    model.close();
  }

  boolean isReady() {
    return owner.isReady();
  }

  boolean isAlive() {
    return owner.isAlive();
  }
}
