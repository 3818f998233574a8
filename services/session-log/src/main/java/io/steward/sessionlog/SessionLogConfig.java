package io.steward.sessionlog;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.steward.schemas.blob.s3.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Everything an operator can set. Defaults: `META-INF/microprofile-config.properties`.
@ConfigMapping(prefix = "steward")
public interface SessionLogConfig {
  /// The key clients send. Without one nobody is let in.
  Optional<String> apiKey();

  /// Directory of the blob store, when it is in no bucket.
  Path blobDir();

  /// The bucket blobs are in. Environment: `STEWARD_BLOB_S3_…`.
  S3Settings blobS3();

  /// Partitions of every session-keyed topic, from 1.
  int sessionPartitions();

  /// The model catalog; without one, the catalog that is shipped.
  Optional<Path> models();

  /// What concerns git.
  Git git();

  /// What concerns this service alone.
  Limits sessionLog();

  /// Where repositories come from.
  interface Git {
    /// Hosts repositories may be cloned from: `host` or `host:port`.
    List<String> hosts();
  }

  /// Bounds and periods.
  interface Limits {
    /// How long a read waits for the projection before it answers 503.
    Duration barrierTimeout();

    /// How long an update, archive or delete waits for its record to be read back.
    Duration requestTimeout();

    /// How long an archive or delete waits for an interrupt that is on its way.
    Duration interruptWait();

    /// How long a write waits for Kafka's acknowledgement.
    Duration appendTimeout();

    /// How much JSON of recent sessions is kept folded in memory.
    MemorySize foldsBytesMax();

    /// How many requests may be under way at once, from their headers to their answer.
    int requestsMax();

    /// How many requests for one session may be under way at once.
    int sessionRequestsMax();

    /// How many bytes the bodies of all requests under way may have together, without uploads.
    MemorySize requestBytesMax();

    /// How many queries of harnesses may wait for their answer.
    int queriesMax();

    /// How many event streams may be open at once.
    int streamsMax();

    /// How many bytes a stream's reader may lag behind before it is dropped.
    MemorySize streamPendingBytesMax();

    /// How many bytes the readers of all streams may lag behind together. Above it, a reader that
    /// lags is dropped.
    MemorySize streamsPendingBytesMax();

    /// How often a stream says that it is alive.
    Duration pingInterval();

    /// How old a query may be that is still answered when this service starts.
    Duration queryReachBack();

    /// How many bytes the files may have together, without the copies sessions were given.
    MemorySize filesBytesMax();

    /// How many bytes the files mounted in one session may have together: no more than a sandbox
    /// takes.
    MemorySize mountedBytesMax();

    /// How long a worker keeps its work without a heartbeat.
    Duration workLease();

    /// How many polls for work may wait at once.
    int workPollsMax();
  }
}
