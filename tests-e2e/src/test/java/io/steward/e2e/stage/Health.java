package io.steward.e2e.stage;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;

/// Waits until Docker says that a container is healthy. Testcontainers' own asks without a pause,
/// which keeps a small machine busy with nothing else.
final class Health extends AbstractWaitStrategy {
  private static final Duration PERIOD = Duration.ofMillis(500);

  @Override
  protected void waitUntilReady() {
    long end = System.nanoTime() + startupTimeout.toNanos();
    while (!waitStrategyTarget.isHealthy()) {
      if (System.nanoTime() > end) {
        throw new ContainerLaunchException(
            waitStrategyTarget.getContainerInfo().getName()
                + " is not healthy after "
                + startupTimeout);
      }
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }
}
