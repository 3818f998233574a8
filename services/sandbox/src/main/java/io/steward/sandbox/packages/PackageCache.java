package io.steward.sandbox.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.steward.sandbox.driver.InstalledPackages;
import io.steward.sandbox.shim.Cancellation;
import io.steward.schemas.id.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;

/// Installed packages on disk, by the hash of what was asked for. A list is installed once, however
/// many ask at the same time; it is there for others when it is complete, by a rename. One process
/// at a time uses the directory.
public final class PackageCache implements EnvironmentPackages {
  private static final Logger LOG = Logger.getLogger(PackageCache.class);
  private static final String FAILED =
      "The packages of this environment could not be installed, so nothing ran. ";
  private static final int TRIES_MAX = 3;
  private static final int FAILURES_MAX = 1_000;

  private final Workbench workbench;
  private final OperatorSettings settings;
  private final PackageLimits limits;
  private final InstantSource clock;
  private final Semaphore permits;
  private final CachedPackages cached;
  private final Path directory;
  private final Map<String, CompletableFuture<Built>> builds = new HashMap<>();
  private final Map<String, Failure> failures = new HashMap<>();

  /// What came of installing: the reason why it failed, if it did.
  private record Built(Optional<String> failure) {}

  private record Failure(String reason, Instant at) {}

  /// Removes what an earlier life left half done.
  ///
  /// @param directory of the cache; made when it is missing, and closed to others
  public PackageCache(
      Path directory,
      Workbench workbench,
      OperatorSettings settings,
      PackageLimits limits,
      InstantSource clock)
      throws IOException {
    this.directory = directory.toAbsolutePath().normalize();
    this.workbench = workbench;
    this.settings = settings;
    this.limits = limits;
    this.clock = clock;
    this.permits = new Semaphore(limits.buildsMax(), true);
    Files.createDirectories(this.directory);
    Files.setPosixFilePermissions(this.directory, PosixFilePermissions.fromString("rwx------"));
    this.cached = new CachedPackages(this.directory, clock);
    Thread.ofVirtual()
        .name("packages-at-start")
        .start(() -> {
          cached.measureUnknown();
          cached.shrink(limits.cacheBytesMax(), limits.cacheEntriesMax());
        });
  }

  @Override
  public Outcome obtain(JsonNode environmentConfig, Cancellation cancellation) {
    try {
      PackageList list = PackageList.of(environmentConfig);
      return list.isEmpty() ? new Outcome.Ready(Optional.empty()) : obtain(list, cancellation);
    } catch (IllegalArgumentException e) {
      return new Outcome.Failed(FAILED + e.getMessage() + ".");
    } catch (IOException e) {
      LOG.errorf(e, "packages could not be installed");
      return new Outcome.Failed(FAILED + "The machine refused what installing needs.");
    }
  }

  private Outcome obtain(PackageList list, Cancellation cancellation) throws IOException {
    String key = list.key(workbench.name() + "\n" + MachineState.of(list));
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      Optional<InstalledPackages> known = cached.lease(key);
      if (known.isPresent()) {
        return new Outcome.Ready(known);
      }
      Optional<String> failure = await(build(key, list), cancellation);
      if (cancellation.isCanceled()) {
        return new Outcome.Canceled();
      }
      if (failure.isPresent()) {
        return new Outcome.Failed(FAILED + failure.get());
      }
    }
    return new Outcome.Failed(FAILED + "They are larger than the cache of this machine.");
  }

  /// The running installation of `key`, a new one, or the failure of one that is not long ago.
  private synchronized CompletableFuture<Built> build(String key, PackageList list) {
    Failure failure = failures.get(key);
    if (failure != null) {
      if (failure.at().plus(limits.failureKept()).isAfter(clock.instant())) {
        return CompletableFuture.completedFuture(new Built(Optional.of(failure.reason())));
      }
      failures.remove(key);
    }
    CompletableFuture<Built> running = builds.get(key);
    if (running == null) {
      CompletableFuture<Built> started = new CompletableFuture<>();
      builds.put(key, started);
      var _ = Thread.ofVirtual().name("packages-" + key).start(() -> build(key, list, started));
      return started;
    }
    return running;
  }

  private static Optional<String> await(CompletableFuture<Built> build, Cancellation cancellation) {
    CompletableFuture<Optional<String>> either = new CompletableFuture<>();
    var _ = build.thenAccept(built -> either.complete(built.failure()));
    cancellation.onCancel(() -> either.complete(Optional.empty()));
    return either.join();
  }

  private void build(String key, PackageList list, CompletableFuture<Built> build) {
    Optional<String> failure;
    permits.acquireUninterruptibly();
    try {
      failure = install(key, list);
    } finally {
      permits.release();
    }
    synchronized (this) {
      builds.remove(key);
      if (failure.isPresent() && failures.size() < FAILURES_MAX) {
        failures.put(key, new Failure(failure.get(), clock.instant()));
      }
    }
    build.complete(new Built(failure));
    cached.shrink(limits.cacheBytesMax(), limits.cacheEntriesMax());
  }

  private Optional<String> install(String key, PackageList list) {
    Workbench.Place place = new Workbench.Place(directory.resolve("." + Ids.random("build_")));
    Instant start = clock.instant();
    try {
      new Installation(workbench, settings, limits, place).install(list);
      cached.add(key, place.packages());
      LOG.infof(
          "packages installed key=%s duration_ms=%d",
          key, java.time.Duration.between(start, clock.instant()).toMillis());
      return Optional.empty();
    } catch (InstallFailedException e) {
      LOG.infof("packages not installed key=%s: %s", key, e.reason());
      return Optional.of(e.reason());
    } catch (IOException | RuntimeException e) {
      LOG.errorf(e, "packages not installed key=%s", key);
      return Optional.of("The machine refused what installing needs.");
    } finally {
      CachedPackages.remove(place.directory());
    }
  }
}
