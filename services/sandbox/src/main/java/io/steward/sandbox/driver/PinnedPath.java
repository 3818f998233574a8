package io.steward.sandbox.driver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;

/// A file or directory held by its descriptor, so that a hostile owner of the directories above it
/// can swap what it likes: [#path] stays this one. It is how the host reads what the inside of a
/// sandbox writes.
///
/// Java has directory streams that open relative to a descriptor, but they wait for ever on a FIFO
/// that took a directory's place between two looks, and cannot be told not to. Hence `openat` with
/// `O_NONBLOCK` and `O_NOFOLLOW`.
public final class PinnedPath implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int O_NOCTTY = 0400;
  private static final int O_NONBLOCK = 04000;
  private static final int O_CLOEXEC = 02000000;

  /// The one flag that differs between processors.
  private static final Map<String, Integer> O_NOFOLLOW =
      Map.of("amd64", 0400000, "aarch64", 0100000);

  private static final MethodHandle OPENAT =
      function(
          "openat",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_INT),
          Linker.Option.firstVariadicArg(3));
  private static final MethodHandle CLOSE =
      function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private final int descriptor;
  private final Path path;
  private boolean closed;

  private PinnedPath(int descriptor) {
    this.descriptor = descriptor;
    this.path = Path.of("/proc/self/fd/" + descriptor);
  }

  /// What `name` is in `parent`, a path that the inside cannot change; a symlink is not followed.
  /// Empty when there is none or this user may not read it.
  public static Optional<PinnedPath> open(Path parent, Path name) {
    return open(AT_FDCWD, parent.resolve(name.getFileName()).toAbsolutePath());
  }

  /// What `name` is in this directory; a symlink is not followed. Empty when there is none or this
  /// user may not read it.
  public Optional<PinnedPath> open(Path name) {
    return open(descriptor, name.getFileName());
  }

  private static Optional<PinnedPath> open(int directory, Path path) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = bytes(path);
      MemorySegment text = arena.allocate(bytes.length + 1L);
      text.copyFrom(MemorySegment.ofArray(bytes));
      Integer noFollow = O_NOFOLLOW.get(System.getProperty("os.arch"));
      if (noFollow == null) {
        throw new IllegalStateException("unknown processor: " + System.getProperty("os.arch"));
      }
      int flags = noFollow | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
      int descriptor = (int) OPENAT.invokeExact(directory, text, flags);
      return descriptor < 0 ? Optional.empty() : Optional.of(new PinnedPath(descriptor));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(Path path) {
    StringBuilder text = new StringBuilder();
    for (Path name : path) {
      text.append(path.isAbsolute() ? "/" : "");
      text.append(new String(FileNames.bytes(name), java.nio.charset.StandardCharsets.ISO_8859_1));
    }
    return text.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /// Leads to this very file while it is open. It is a link the kernel follows: no `NOFOLLOW` here.
  public Path path() {
    if (closed) {
      throw new IllegalStateException("it is closed");
    }
    return path;
  }

  public boolean isDirectory() {
    return Files.isDirectory(path());
  }

  /// @throws IOException when the system does not tell
  public BasicFileAttributes attributes() throws IOException {
    return Files.readAttributes(path(), BasicFileAttributes.class);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      int _ = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle function(
      String name, FunctionDescriptor shape, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), shape, options);
  }
}
