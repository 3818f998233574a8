package io.steward.sandbox.driver.remote;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the inside says it has, read without trust: a line that breaks a rule ends the reading.
/// Paths are bytes, one character each, as the inside calls them.
final class InsideListing {
  /// Longest path and symlink, in bytes: what Linux takes.
  private static final int TEXT_BYTES_MAX = 4200;

  /// Deepest path. Nothing of ours goes deeper, and Java walks trees with a stack.
  private static final int DEPTH_MAX = 256;

  private static final String END = "end";
  private static final int NANO_DIGITS = 9;
  private static final Pattern HEAD =
      Pattern.compile(
          "(\\S) ([0-7]{1,5}) (\\d{1,18}) (-?\\d{1,11})(?:\\.(\\d{1,12}))? (\\S{1,40}) (/.+)",
          Pattern.DOTALL);

  private final List<String> roots;
  private final long filesMax;

  /// @param roots directories, as the inside calls them
  /// @param filesMax how many entries are taken
  InsideListing(List<String> roots, long filesMax) {
    this.roots = roots;
    this.filesMax = filesMax;
  }

  /// Files, directories and symlinks by path; others are left out. Reads no byte more.
  ///
  /// @param in is read byte by byte
  /// @throws IOException when it is not complete, too long or breaks a rule
  NavigableMap<String, RemoteFile> read(InputStream in) throws IOException {
    NavigableMap<String, RemoteFile> files = new TreeMap<>();
    for (long count = 0; ; count++) {
      String head = text(in);
      String target = text(in);
      if (head.equals(END)) {
        requireParents(files);
        return files;
      }
      if (count == filesMax) {
        throw new IOException("there are more than " + filesMax + " files inside");
      }
      Matcher parts = HEAD.matcher(head);
      if (!parts.matches()) {
        throw new IOException("the inside tells of its files against the rules");
      }
      String path = parts.group(7);
      requireBelowRoots(path);
      char type = parts.group(1).charAt(0);
      if ("fdl".indexOf(type) >= 0 && !(type == 'l' && target.isEmpty())) {
        files.put(
            path,
            RemoteFile.of(
                type,
                Integer.parseInt(parts.group(2), 8) & 07777,
                Long.parseLong(parts.group(3)),
                nanos(parts.group(4), parts.group(5)),
                parts.group(6),
                target));
      }
    }
  }

  private static long nanos(String seconds, String fraction) {
    String digits = fraction == null ? "" : fraction;
    String nanos = (digits + "0".repeat(NANO_DIGITS)).substring(0, NANO_DIGITS);
    long limited = Math.clamp(Long.parseLong(seconds), -9_000_000_000L, 9_000_000_000L);
    return limited * 1_000_000_000L + Long.parseLong(nanos);
  }

  private void requireBelowRoots(String path) throws IOException {
    for (String root : roots) {
      if (path.startsWith(root + "/")) {
        String[] names = path.substring(root.length() + 1).split("/", -1);
        boolean clean = names.length <= DEPTH_MAX;
        for (String name : names) {
          clean &= !name.isEmpty() && !name.equals(".") && !name.equals("..");
        }
        if (clean) {
          return;
        }
      }
    }
    throw new IOException("the inside tells of a file that is not where it was asked");
  }

  /// Everything is in a directory, so that nothing is ever written through a symlink.
  private void requireParents(NavigableMap<String, RemoteFile> files) throws IOException {
    for (String path : files.keySet()) {
      String parent = path.substring(0, path.lastIndexOf('/'));
      RemoteFile directory = files.get(parent);
      if (!roots.contains(parent) && (directory == null || !directory.isDirectory())) {
        throw new IOException("the inside tells of a file in something that is no directory");
      }
    }
  }

  private static String text(InputStream in) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int next = in.read(); next != 0; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the inside did not tell of all its files");
      }
      if (text.size() == TEXT_BYTES_MAX) {
        throw new IOException("the inside tells of a path that is too long");
      }
      text.write(next);
    }
    return text.toString(StandardCharsets.ISO_8859_1);
  }
}
