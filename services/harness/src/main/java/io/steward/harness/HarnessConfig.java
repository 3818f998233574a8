package io.steward.harness;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import io.steward.schemas.blob.s3.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Configuration of the harness.
@ConfigMapping(prefix = "steward")
public interface HarnessConfig {
  /// Directory of the blob store, when it is in no bucket; bodies above 256 kB are kept there.
  @WithDefault(".steward/blobs")
  Path blobDir();

  /// The bucket blobs are in. Environment: `STEWARD_BLOB_S3_…`.
  S3Settings blobS3();

  /// The model catalog; without one, the shipped catalog. Environment: `STEWARD_MODELS`.
  Optional<Path> models();

  Kafka kafka();

  ModelAccess model();

  JudgeAccess judge();

  /// Who searches the web for `web_search`: `searxng` (vault-proxy does), `anthropic` (the provider
  /// of [#webSearchModel()] does) or `none`, and the tool is not offered. Without it, `searxng` if
  /// the URL of an instance is known here, else `none`. Environment: `STEWARD_WEB_SEARCH`.
  Optional<String> webSearch();

  /// A model of the catalog that searches; its provider must be of kind `anthropic`. Environment:
  /// `STEWARD_WEB_SEARCH_MODEL`.
  Optional<String> webSearchModel();

  /// Longest time of a search by a model. Environment: `STEWARD_WEB_SEARCH_TIMEOUT`.
  @WithDefault("PT1M")
  Duration webSearchTimeout();

  /// vault-proxy's setting; here it only says that there is an instance. Environment:
  /// `STEWARD_WEB_SEARCH_SEARXNG_URL`.
  Optional<String> webSearchSearxngUrl();

  Turn turn();

  Loop loop();

  /// The log.
  interface Kafka {
    /// Addresses of brokers.
    String bootstrapServers();

    /// The consumer group; also the prefix of the transactional ids.
    @WithDefault("harness")
    String group();

    /// The name this instance keeps when it is started again, for an instance that is alone or has
    /// a fixed place: it then gets its partitions back at once.
    Optional<String> instance();

    /// Silence after which another instance takes over. The broker must allow it.
    @WithDefault("PT3S")
    Duration sessionTimeout();
  }

  /// The model providers.
  interface ModelAccess {
    /// Base address of providers of kind `anthropic` for which the catalog names none.
    @WithDefault("https://api.anthropic.com")
    String baseUrl();

    /// The key for it, unless the variable that the catalog names holds one.
    Optional<String> apiKey();

    /// `demo` when the built-in model answers, which is said in the log.
    @WithDefault("anthropic")
    String label();

    /// The longest reply, in tokens.
    @WithDefault("32000")
    @WithName("tokens-max")
    long tokensMax();

    /// Requests of this instance that run at once, for each provider.
    @WithDefault("256")
    int callsMax();

    /// Bytes of files in one request; older files are left out beyond it.
    @WithDefault("24000000")
    int fileBytesMax();

    /// Bytes of files in all requests under way; further requests with files wait.
    @WithDefault("48000000")
    int filesHeldBytesMax();

    /// Longest time to connect.
    @WithDefault("PT10S")
    Duration connectTimeout();

    /// Longest silence of a stream.
    @WithDefault("PT2M")
    Duration idleTimeout();

    /// Longest time of a whole request.
    @WithDefault("PT15M")
    Duration totalTimeout();
  }

  /// Who judges tool calls whose policy is `auto`.
  interface JudgeAccess {
    /// A model of the catalog; without one, plain rules judge.
    Optional<String> model();

    /// Longest time for all calls of one reply.
    @WithDefault("PT20S")
    Duration timeout();

    /// Characters of a call's input that are judged; a person is asked about longer ones.
    @WithDefault("20000")
    int inputCharsMax();

    /// Judged calls of one reply; a person is asked about the rest.
    @WithDefault("32")
    int callsMax();
  }

  /// What a turn may cost.
  interface Turn {
    /// Rounds of tool calls of one turn.
    @WithDefault("500")
    int toolRoundsMax();

    /// Failed model requests in a row after which the turn ends. With the delays below ten of them
    /// outlast a provider that is away for a minute.
    @WithDefault("10")
    int modelAttemptsMax();

    /// Wait before the second attempt; doubles with each further one.
    @WithDefault("PT0.5S")
    Duration retryDelay();

    /// The longest wait the harness chooses.
    @WithDefault("PT30S")
    Duration retryDelayMax();

    /// The longest wait a provider may ask for.
    @WithDefault("PT5M")
    Duration retryAfterMax();

    /// Compactions in a row that bring no reply, after which the turn ends.
    @WithDefault("3")
    int compactionsMax();

    /// How long a turn waits for its repositories.
    @WithDefault("PT6M")
    Duration cloneMax();

    /// How long it waits for the tools of MCP servers after that; longer than vault-proxy takes to
    /// give up.
    @WithDefault("PT1M")
    Duration mcpMax();

    Ahead speculation();

    /// How long a harness that is asked to end waits for the answers of models. Whoever ends it
    /// must give it three seconds more.
    @WithDefault("PT20S")
    Duration drainMax();
  }

  /// When a sandbox is asked for while the model still thinks. Keys `steward.turn.speculation.…`.
  interface Ahead {
    /// `auto`, or `off` for never.
    @WithDefault("auto")
    String mode();

    /// Share of an agent's newest turns that called a tool of the sandbox, from 0 to 1.
    @WithDefault("0.8")
    double shareMin();

    /// Turns of an agent that must be known, from 1 to 20.
    @WithDefault("3")
    int turnsMin();

    /// How long after its last call a sandbox is taken to live, so that none is asked for; not
    /// longer than `sandbox.idle`.
    @WithDefault("PT10M")
    Duration sandboxLives();
  }

  /// The loops.
  interface Loop {
    /// Bytes of records one partition may hold folded in memory.
    @WithDefault("4000000")
    long cacheBytesMax();

    /// Records that may wait for a loop before its partition is paused.
    @WithDefault("2000")
    int backlogMax();

    /// Steps of one transaction.
    @WithDefault("100")
    int stepsMax();

    /// How often in a row a session's records may be refused for good reason.
    @WithDefault("3")
    int refusalsMax();

    /// Wait before a refused step is decided again; grows with each refusal.
    @WithDefault("PT0.05S")
    Duration refusalDelay();
  }
}
