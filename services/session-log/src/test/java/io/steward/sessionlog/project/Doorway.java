package io.steward.sessionlog.project;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A way to a port of this machine that can be frozen: connections stay and new ones are taken, but
/// no byte passes.
final class Doorway implements AutoCloseable {
  private static final int CHUNK_BYTES = 8192;

  private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean frozen;

  Doorway(int port) throws IOException {
    this.port = port;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return door.getLocalPort();
  }

  void freeze(boolean now) {
    lock.lock();
    try {
      frozen = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    freeze(false);
    door.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket inside = door.accept();
        Socket outside = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(inside);
        sockets.add(outside);
        Thread.ofVirtual().start(() -> pass(inside, outside));
        Thread.ofVirtual().start(() -> pass(outside, inside));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (from;
        to) {
      for (int count = from.getInputStream().read(chunk);
          count >= 0;
          count = from.getInputStream().read(chunk)) {
        awaitThaw();
        to.getOutputStream().write(chunk, 0, count);
      }
    } catch (IOException e) {
      // One of them is gone.
    }
  }

  private void awaitThaw() {
    lock.lock();
    try {
      while (frozen) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
