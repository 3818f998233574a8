package io.steward.devbox;

import io.steward.devbox.settings.StartRefused;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Ports of 127.0.0.1. The inner ones are taken below the range from which the kernel takes the
/// ports of outgoing connections, so that no such connection sits on the port of a service that is
/// just being started again.
final class Ports {
  private static final int FIRST = 20_000;
  private static final int LAST = 29_999;
  private static final int ATTEMPTS_MAX = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final RandomGenerator random;
  private final Set<Integer> given = new HashSet<>();

  Ports(RandomGenerator random) {
    this.random = random;
  }

  /// A port that nothing listens on and that was not given before.
  int free() throws StartRefused {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      int port = random.nextInt(FIRST, LAST + 1);
      if (isFree(port) && given.add(port)) {
        return port;
      }
    }
    throw new StartRefused(
        "There is no free port on 127.0.0.1 from " + FIRST + " to " + LAST + ".");
  }

  /// Waits a moment for `port` to be free, in case its last user is just ending.
  ///
  /// @param variable the environment variable that chooses it
  /// @throws StartRefused when it is in use
  static void require(int port, String variable) throws StartRefused, InterruptedException {
    long giveUpNanos = System.nanoTime() + PATIENCE.toNanos();
    while (!isFree(port)) {
      if (System.nanoTime() > giveUpNanos) {
        throw new StartRefused("Port " + port + " is in use; set " + variable + " to another one.");
      }
      Thread.sleep(20);
    }
  }

  /// Whether something accepts connections on `port`.
  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
