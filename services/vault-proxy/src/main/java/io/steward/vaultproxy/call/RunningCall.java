package io.steward.vaultproxy.call;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A call that is known to this process, until it is answered.
public final class RunningCall {
  private final Call call;
  private final List<Runnable> acknowledgements = new ArrayList<>();
  private final List<Runnable> endings = new ArrayList<>();
  private @Nullable Runnable wakeUp;
  private boolean canceled;
  private boolean forgotten;
  private @Nullable Boolean done;

  RunningCall(Call call) {
    this.call = call;
  }

  public Call call() {
    return call;
  }

  /// What stops the call; done at once when it was canceled already. It must not block.
  public void onCancel(Runnable how) {
    synchronized (this) {
      if (!canceled) {
        wakeUp = how;
        return;
      }
    }
    how.run();
  }

  /// What is done when the answer is safe, or nobody waits for it any more.
  public synchronized void atEnd(Runnable ending) {
    endings.add(ending);
  }

  public synchronized boolean isCanceled() {
    return canceled;
  }

  synchronized boolean isForgotten() {
    return forgotten;
  }

  /// Acknowledges when this call is answered, at once when it was already.
  void acknowledgeLater(Runnable acknowledge) {
    synchronized (this) {
      if (done == null) {
        acknowledgements.add(acknowledge);
        return;
      }
      if (!done) {
        return;
      }
    }
    acknowledge.run();
  }

  void cancel() {
    Runnable how;
    synchronized (this) {
      canceled = true;
      how = wakeUp;
      wakeUp = null;
    }
    if (how != null) {
      how.run();
    }
  }

  /// Its session is gone: nobody waits for an answer.
  void forget() {
    synchronized (this) {
      forgotten = true;
    }
    cancel();
  }

  /// @param answered whether its commands are acknowledged
  void end(boolean answered) {
    List<Runnable> all = new ArrayList<>();
    synchronized (this) {
      done = answered;
      wakeUp = null;
      all.addAll(endings);
      if (answered) {
        all.addAll(acknowledgements);
      }
    }
    all.forEach(Runnable::run);
  }
}
