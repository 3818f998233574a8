package io.steward.simulation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A piece of straight-line code that stops wherever it calls [#yieldNow] and goes on when it is
/// resumed. What makes it one of many players on one thread, in an order that a seed decides, is
/// the JDK's own continuation under virtual threads; it is not public, so the process needs
/// `--add-exports java.base/jdk.internal.vm=ALL-UNNAMED` (ADR 0014).
final class Fiber {
  private static final Object SCOPE;
  private static final MethodHandle NEW;
  private static final MethodHandle RUN;
  private static final MethodHandle YIELD;
  private static final MethodHandle IS_DONE;

  static {
    try {
      Class<?> scope = Class.forName("jdk.internal.vm.ContinuationScope");
      Class<?> type = Class.forName("jdk.internal.vm.Continuation");
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      SCOPE = scope.getConstructor(String.class).newInstance("simulation");
      NEW =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, scope, Runnable.class))
              .asType(MethodType.methodType(Object.class, Object.class, Runnable.class));
      RUN =
          lookup
              .findVirtual(type, "run", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      YIELD =
          lookup
              .findStatic(type, "yield", MethodType.methodType(boolean.class, scope))
              .asType(MethodType.methodType(boolean.class, Object.class));
      IS_DONE =
          lookup
              .findVirtual(type, "isDone", MethodType.methodType(boolean.class))
              .asType(MethodType.methodType(boolean.class, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "the simulation needs --add-exports java.base/jdk.internal.vm=ALL-UNNAMED", e);
    }
  }

  private final Node node;
  private final String name;
  private final Object continuation;
  private @Nullable BooleanSupplier condition;
  private @Nullable Throwable failure;
  private boolean canceled;
  private long stalledUntil;

  Fiber(Node node, String name, Runnable body) {
    this.node = node;
    this.name = name;
    Runnable guarded =
        () -> {
          try {
            body.run();
          } catch (Throwable e) {
            failure = e;
          }
        };
    try {
      continuation = (Object) NEW.invokeExact(SCOPE, guarded);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  Node node() {
    return node;
  }

  String name() {
    return name;
  }

  /// Whether it would go on now.
  boolean isReady() {
    return condition == null || condition.getAsBoolean();
  }

  /// It does not go on before a step, as a thread that gets no processor.
  void stall(long untilStep) {
    stalledUntil = untilStep;
  }

  boolean isStalled(long step) {
    return step < stalledUntil;
  }

  /// It is never resumed again.
  void cancel() {
    canceled = true;
  }

  boolean isOver() {
    try {
      return canceled || (boolean) IS_DONE.invokeExact(continuation);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /// Goes on until it yields or ends.
  void resume() {
    condition = null;
    try {
      RUN.invokeExact(continuation);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    Throwable thrown = failure;
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  /// Called from inside this fiber.
  ///
  /// @param holds what has to hold before it goes on
  void yieldUntil(BooleanSupplier holds) {
    condition = holds;
    yieldNow();
  }

  /// Called from inside this fiber.
  static void yieldNow() {
    try {
      boolean _ = (boolean) YIELD.invokeExact(SCOPE);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
