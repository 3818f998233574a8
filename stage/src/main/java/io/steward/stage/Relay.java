package io.steward.stage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Stands before a server and passes bytes on in both directions, until it is told to hold them, as
/// a server does that hangs, or to refuse connections, as one does that is gone.
public final class Relay implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final int port;
  private final int server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object lock = new Object();
  private boolean held;
  private @Nullable ServerSocket listening;

  private Relay(int port, int server) {
    this.port = port;
    this.server = server;
  }

  /// A relay at `port` of this machine to the server at `server`, which may come later.
  public static Relay start(int port, int server) throws IOException {
    Relay relay = new Relay(port, server);
    relay.listen();
    return relay;
  }

  public int port() {
    return port;
  }

  /// From now on connections are accepted, and nothing gets through.
  public void hold() {
    synchronized (lock) {
      held = true;
    }
  }

  /// From now on connections are refused; those that were are cut.
  public void refuse() throws IOException {
    synchronized (lock) {
      if (listening != null) {
        listening.close();
        listening = null;
      }
    }
    cut();
  }

  /// All is well again. What was held goes on.
  public void restore() throws IOException {
    synchronized (lock) {
      held = false;
      lock.notifyAll();
    }
    listen();
  }

  private void listen() throws IOException {
    synchronized (lock) {
      if (listening != null) {
        return;
      }
      ServerSocket fresh = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
      listening = fresh;
      var _ = Thread.ofVirtual().name("relay-" + port).start(() -> accept(fresh));
    }
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        sockets.add(client);
        var _ = Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        if (!from.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void connect(Socket client) {
    try {
      pass();
      Socket behind = new Socket(InetAddress.getLoopbackAddress(), server);
      sockets.add(behind);
      var _ = Thread.ofVirtual().start(() -> pump(client, behind));
      pump(behind, client);
    } catch (IOException | InterruptedException e) {
      close(client);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        pass();
        out.write(buffer, 0, count);
      }
    } catch (IOException | InterruptedException e) {
      // One side is gone; the other one follows.
    } finally {
      close(from);
      close(to);
    }
  }

  /// Returns as soon as bytes may pass.
  private void pass() throws InterruptedException {
    synchronized (lock) {
      while (held) {
        lock.wait();
      }
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void cut() {
    sockets.forEach(this::close);
  }

  @Override
  public void close() throws IOException {
    refuse();
    synchronized (lock) {
      held = false;
      lock.notifyAll();
    }
  }
}
