package io.steward.vaultproxy.inject;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Replaces bytes in a stream that comes in parts, whatever the borders of the parts are. From left
/// to right; where two begin at the same byte, the longer one. What was put in is not looked at
/// again. Keeps less than the longest of what it looks for. For one thread, and one stream.
public final class ByteReplacer {
  private static final byte[] NOTHING = {};
  private static final Replacement[] NONE = {};

  private final Replacement[][] byFirst = new Replacement[256][];
  private final int hitsMax;
  private final Set<String> used = new LinkedHashSet<>();
  private byte[] pending = NOTHING;
  private int hits;

  /// More was to be replaced than may be.
  public static final class TooManyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyException(int hitsMax) {
      super("more than " + hitsMax + " replacements", null, false, false);
    }
  }

  /// @param hitsMax replacements in the whole stream; one more is a [TooManyException]
  public ByteReplacer(Collection<Replacement> replacements, int hitsMax) {
    Arrays.fill(byFirst, NONE);
    this.hitsMax = hitsMax;
    List<Replacement> longestFirst =
        replacements.stream()
            .sorted(Comparator.comparingInt((Replacement r) -> r.from().length).reversed())
            .toList();
    for (Replacement replacement : longestFirst) {
      int first = replacement.from()[0] & 0xff;
      Replacement[] before = byFirst[first];
      Replacement[] with = Arrays.copyOf(before, before.length + 1);
      with[before.length] = replacement;
      byFirst[first] = with;
    }
  }

  /// What can be said of the stream after `part` came.
  public byte[] feed(byte[] part) {
    return replaced(joined(part), false);
  }

  /// The rest.
  public byte[] end() {
    return replaced(pending, true);
  }

  /// The credentials whose secrets were put in or taken out so far.
  public Set<String> used() {
    return Set.copyOf(used);
  }

  private byte[] joined(byte[] part) {
    if (pending.length == 0) {
      return part;
    }
    byte[] joined = Arrays.copyOf(pending, pending.length + part.length);
    System.arraycopy(part, 0, joined, pending.length, part.length);
    return joined;
  }

  private byte[] replaced(byte[] bytes, boolean last) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    int written = 0;
    int at = 0;
    while (at < bytes.length) {
      Found found = at(bytes, at, last);
      if (found == Found.PERHAPS) {
        break;
      }
      if (found instanceof Hit(Replacement replacement)) {
        count(replacement);
        out.write(bytes, written, at - written);
        out.writeBytes(replacement.to());
        at += replacement.from().length;
        written = at;
      } else {
        at++;
      }
    }
    out.write(bytes, written, at - written);
    pending = at == bytes.length ? NOTHING : Arrays.copyOfRange(bytes, at, bytes.length);
    return out.toByteArray();
  }

  private void count(Replacement replacement) {
    hits++;
    if (hits > hitsMax) {
      throw new TooManyException(hitsMax);
    }
    used.add(replacement.credentialId());
  }

  private sealed interface Found {
    Found NO = new No();
    Found PERHAPS = new Perhaps();
  }

  private record Hit(Replacement replacement) implements Found {}

  /// More bytes are needed to tell.
  private record Perhaps() implements Found {}

  private record No() implements Found {}

  private Found at(byte[] bytes, int at, boolean last) {
    for (Replacement candidate : byFirst[bytes[at] & 0xff]) {
      byte[] from = candidate.from();
      int compared = Math.min(from.length, bytes.length - at);
      if (Arrays.equals(bytes, at, at + compared, from, 0, compared)) {
        if (compared == from.length) {
          return new Hit(candidate);
        }
        if (!last) {
          return Found.PERHAPS;
        }
      }
    }
    return Found.NO;
  }
}
