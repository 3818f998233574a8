package io.steward.sessionlog.resource;

import io.steward.schemas.http.ApiException;
import io.steward.schemas.resource.SessionResource;
import io.steward.sessionlog.http.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Where resources are mounted: from the path a client gives to the one in the sandbox.
final class MountPaths {
  private static final int CHARS_MAX = 4_096;

  /// Linux takes no longer paths and names.
  private static final int PATH_BYTES_MAX = 4_095;

  private static final int SEGMENT_BYTES_MAX = 255;

  /// Names below the root. The sandbox mounts nothing that lies deeper.
  static final int DEPTH_MAX = 32;

  /// Nobody who writes `/etc/hosts` means `/mnt/session/uploads/etc/hosts`.
  private static final Set<String> SYSTEM =
      Set.of(
          "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "mnt", "proc", "root", "run",
          "sbin", "sys", "usr", "var");

  private MountPaths() {}

  /// The path of a file: whatever is given lies below the root of uploads, and stays as it is when
  /// it already does.
  ///
  /// @throws ApiException 400 when it cannot
  static String upload(Field field) {
    List<String> segments = segments(field);
    List<String> root = split(SessionResource.UPLOADS);
    boolean below = startsWith(segments, root);
    List<String> rest = below ? segments.subList(root.size(), segments.size()) : segments;
    if (rest.isEmpty()) {
      throw field.refused("must name a file below " + SessionResource.UPLOADS);
    }
    if (!below && absolute(field) && SYSTEM.contains(rest.getFirst())) {
      throw field.refused("must lie below " + SessionResource.UPLOADS);
    }
    return path(field, SessionResource.UPLOADS, rest);
  }

  /// The path of a repository, which is absolute and below the workspace.
  ///
  /// @throws ApiException 400 when it is not
  static String repository(Field field) {
    List<String> segments = segments(field);
    List<String> root = split(SessionResource.WORKSPACE);
    if (!absolute(field) || !startsWith(segments, root) || segments.size() == root.size()) {
      throw field.refused("must be an absolute path below " + SessionResource.WORKSPACE);
    }
    return path(field, SessionResource.WORKSPACE, segments.subList(root.size(), segments.size()));
  }

  /// Whether two resources cannot be mounted both: at one path, or one inside the other.
  static boolean overlap(String one, String other) {
    return one.equals(other) || one.startsWith(other + "/") || other.startsWith(one + "/");
  }

  private static boolean absolute(Field field) {
    return field.text().startsWith("/");
  }

  private static String path(Field field, String root, List<String> below) {
    if (below.size() > DEPTH_MAX) {
      throw field.refused("must have at most %,d names below %s".formatted(DEPTH_MAX, root));
    }
    String path = root + "/" + String.join("/", below);
    if (bytes(path) > PATH_BYTES_MAX) {
      throw field.refused("must have at most %,d bytes as %s/…".formatted(PATH_BYTES_MAX, root));
    }
    return path;
  }

  private static List<String> segments(Field field) {
    String text = field.text(1, CHARS_MAX);
    if (text.codePoints().anyMatch(Character::isISOControl)) {
      throw field.refused("must not hold control characters");
    }
    List<String> segments = split(text);
    for (String segment : segments) {
      if (segment.equals("..")) {
        throw field.refused("must not hold \"..\"");
      }
      if (bytes(segment) > SEGMENT_BYTES_MAX) {
        throw field.refused(
            "each name in it must have at most %,d bytes".formatted(SEGMENT_BYTES_MAX));
      }
    }
    return segments;
  }

  /// The names in a path; `//` and `/./` say nothing.
  private static List<String> split(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (!segment.isEmpty() && !segment.equals(".")) {
        segments.add(segment);
      }
    }
    return segments;
  }

  private static boolean startsWith(List<String> segments, List<String> root) {
    return segments.size() >= root.size() && segments.subList(0, root.size()).equals(root);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
