package io.steward.e2e.stage;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Looks for secrets where none may be: as they are, and in base64 wherever they stand in it.
public final class Leaks {
  private static final int PIECE_BYTES = 1024 * 1024;
  private static final int SECRET_BYTES_MAX = 256;
  private static final int BASE64_BYTES = 3;

  private final List<String> forms;

  /// What was found.
  ///
  /// @param looked at how many records, files or processes
  /// @param leaks which of them hold a secret
  public record Found(int looked, List<String> leaks) {}

  public Leaks(Collection<String> secrets) {
    forms = secrets.stream().flatMap(Leaks::forms).toList();
  }

  private static Stream<String> forms(String secret) {
    List<String> forms = new ArrayList<>(List.of(secret));
    for (int before = 0; before < BASE64_BYTES; before++) {
      byte[] bytes = (" ".repeat(before) + secret).getBytes(StandardCharsets.UTF_8);
      String encoded = Base64.getEncoder().withoutPadding().encodeToString(bytes);
      // The first and the last characters depend on the neighbours.
      forms.add(encoded.substring(before == 0 ? 0 : 4, encoded.length() - 2));
    }
    return forms.stream();
  }

  public boolean in(byte @Nullable [] bytes) {
    if (bytes == null) {
      return false;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return forms.stream().anyMatch(text::contains);
  }

  public boolean in(String text) {
    return in(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Everything on these topics, also what was never committed.
  public Found inTopics(Steward steward, Set<String> topics) {
    List<ConsumerRecord<byte[], byte[]>> records = KafkaRecords.read(steward, topics);
    List<String> leaks =
        records.stream()
            .filter(record -> in(record.key()) || in(record.value()) || inHeaders(record))
            .map(record -> record.topic() + "@" + record.offset())
            .toList();
    return new Found(records.size(), leaks);
  }

  private boolean inHeaders(ConsumerRecord<byte[], byte[]> record) {
    for (Header header : record.headers()) {
      if (in(header.value())) {
        return true;
      }
    }
    return false;
  }

  /// All regular files below a directory. A file that goes away meanwhile was of no use any more.
  public Found inFiles(Path directory) throws IOException {
    List<String> leaks = new ArrayList<>();
    int[] files = {0};
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              files[0]++;
              try {
                if (inFile(file)) {
                  leaks.add(file.toString());
                }
              } catch (NoSuchFileException e) {
                return FileVisitResult.CONTINUE;
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return new Found(files[0], leaks);
  }

  /// Reads piece by piece; each piece begins with the end of the one before it.
  private boolean inFile(Path file) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    int kept = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.readNBytes(piece, kept, PIECE_BYTES - kept);
          read > 0;
          read = in.readNBytes(piece, kept, PIECE_BYTES - kept)) {
        int length = kept + read;
        if (in(Arrays.copyOf(piece, length))) {
          return true;
        }
        kept = Math.min(length, SECRET_BYTES_MAX);
        System.arraycopy(piece, length - kept, piece, 0, kept);
      }
    }
    return false;
  }

  /// Memory, environment and command lines of what runs below a process: the sandboxes, when it is
  /// the service that makes them. `looked` counts the processes whose memory could be read.
  public Found inProcessesBelow(long pid) throws IOException {
    List<String> leaks = new ArrayList<>();
    int looked = 0;
    Set<Long> below =
        ProcessHandle.of(pid).stream()
            .flatMap(ProcessHandle::descendants)
            .map(ProcessHandle::pid)
            .collect(Collectors.toSet());
    for (long process : below) {
      Path proc = Path.of("/proc", Long.toString(process));
      try {
        String name = Files.readString(proc.resolve("comm")).strip() + " " + process;
        for (String file : List.of("environ", "cmdline")) {
          if (in(Files.readAllBytes(proc.resolve(file)))) {
            leaks.add(name + " " + file);
          }
        }
        if (inMemory(proc)) {
          leaks.add(name + " memory");
        }
        looked++;
      } catch (IOException e) {
        continue; // It ended meanwhile, or is not ours to read.
      }
    }
    return new Found(looked, leaks);
  }

  private boolean inMemory(Path proc) throws IOException {
    try (RandomAccessFile memory = new RandomAccessFile(proc.resolve("mem").toFile(), "r")) {
      for (String line : Files.readAllLines(proc.resolve("maps"))) {
        String[] words = line.split(" +", 6);
        if (!words[1].startsWith("rw")) {
          continue; // What cannot be written holds what is in a file.
        }
        String[] ends = words[0].split("-", 2);
        long from = Long.parseUnsignedLong(ends[0], 16);
        byte[] bytes = new byte[Math.toIntExact(Long.parseUnsignedLong(ends[1], 16) - from)];
        memory.seek(from);
        memory.readFully(bytes);
        if (in(bytes)) {
          return true;
        }
      }
    }
    return false;
  }
}
