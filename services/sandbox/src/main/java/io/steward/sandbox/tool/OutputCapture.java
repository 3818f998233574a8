package io.steward.sandbox.tool;

import io.steward.sandbox.shim.OutputSink;
import io.steward.sandbox.shim.Sandbox.OutputDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/// Keeps the output of one command in bounded memory: all of it while it is short, else its start,
/// its end, and the whole in a file that the sandbox can read.
final class OutputCapture implements OutputSink {
  /// Longest text of a result, in characters.
  static final int TEXT_CHARS_MAX = 100_000;

  private static final int PART_CHARS = 49_800;

  /// What is kept in memory of each end, in bytes: enough characters of any script.
  private static final int PART_BYTES = 4 * PART_CHARS;

  private final OutputDirectory directory;
  private final String fileName;
  private final long fileBytesMax;
  private final ByteArrayOutputStream start = new ByteArrayOutputStream();
  private @Nullable ByteTail end;
  private long bytes;
  private long fileBytes;
  private @Nullable OutputStream file;
  private boolean fileFailed;

  /// @param fileBytesMax largest file; output beyond it is dropped
  OutputCapture(OutputDirectory directory, String fileName, long fileBytesMax) {
    this.directory = directory;
    this.fileName = fileName;
    this.fileBytesMax = fileBytesMax;
  }

  @Override
  public synchronized void write(byte[] chunk, int offset, int length) {
    int toStart = (int) Math.min(length, Math.max(0, 2L * PART_BYTES - bytes));
    start.write(chunk, offset, toStart);
    if (toStart < length) {
      if (file == null && !fileFailed) {
        openFile();
      }
      if (end == null) {
        end = new ByteTail(PART_BYTES);
      }
      end.write(chunk, offset + toStart, length - toStart);
      toFile(chunk, offset + toStart, length - toStart);
    }
    bytes += length;
  }

  /// The output as the model reads it. Nothing may be written any more.
  synchronized String text() {
    ByteTail kept = end;
    String head = clean(start.toString(StandardCharsets.UTF_8));
    if (kept == null && head.length() <= TEXT_CHARS_MAX) {
      return head;
    }
    if (kept == null) {
      openFile();
    }
    String tail = kept == null ? head : clean(new String(kept.bytes(), StandardCharsets.UTF_8));
    closeFile();
    return firstChars(head) + "\n\n" + note() + "\n\n" + lastChars(tail);
  }

  private String note() {
    String size = "[output cut here: it has " + bytes + " bytes in all";
    if (fileFailed) {
      return size + "; it could not be kept because the disk is full]";
    }
    String where = directory.inside() + "/" + fileName;
    return fileBytes < bytes
        ? size + ", the first " + fileBytes + " of them are in " + where + "]"
        : size + ", which are in " + where + "]";
  }

  private void openFile() {
    Path path = directory.host().resolve(fileName);
    try {
      OutputFiles.makeRoom(directory.host(), fileBytesMax);
      OutputStream opened = Files.newOutputStream(path);
      file = opened;
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
      byte[] kept = start.toByteArray();
      toFile(kept, 0, kept.length);
    } catch (IOException e) {
      fileFailed = true;
    }
  }

  private void toFile(byte[] chunk, int offset, int length) {
    OutputStream opened = file;
    int taken = (int) Math.min(length, fileBytesMax - fileBytes);
    if (opened == null || fileFailed || taken <= 0) {
      return;
    }
    try {
      opened.write(chunk, offset, taken);
      fileBytes += taken;
    } catch (IOException e) {
      fileFailed = true;
    }
  }

  private void closeFile() {
    OutputStream opened = file;
    if (opened == null) {
      return;
    }
    try {
      opened.close();
      directory.written().run();
    } catch (IOException e) {
      fileFailed = true;
    }
  }

  private static String clean(String text) {
    return AnsiText.strip(text);
  }

  private static String firstChars(String text) {
    if (text.length() <= PART_CHARS) {
      return text;
    }
    int cut = Character.isHighSurrogate(text.charAt(PART_CHARS - 1)) ? PART_CHARS - 1 : PART_CHARS;
    return text.substring(0, cut);
  }

  private static String lastChars(String text) {
    if (text.length() <= PART_CHARS) {
      return text;
    }
    int cut = text.length() - PART_CHARS;
    return text.substring(Character.isLowSurrogate(text.charAt(cut)) ? cut + 1 : cut);
  }
}
