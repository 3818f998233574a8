package io.steward.sandbox.shim;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits the byte stream of a shell into output and marks. A mark starts with NUL, `steward:`, the
/// token of the shell and ends with NUL; the token is random, so output holds one only on purpose.
///
/// Not safe for several threads. Memory: the bytes of one unfinished mark.
final class ShellOutput {
  private static final Pattern BEGIN = Pattern.compile("begin (\\S+)");
  private static final Pattern END = Pattern.compile("end (\\S+) (\\d+)");
  private static final Pattern DIED = Pattern.compile("died (\\d+)");

  /// Longest rest of a mark that is waited for, in bytes. A longer one is output.
  static final int MARK_BYTES_MAX = 160;

  private final byte[] prefix;
  private final Listener listener;
  private byte[] held = new byte[0];

  /// Who hears of output and marks, in their order.
  interface Listener extends OutputSink {
    /// Told by sandboxes only that can be reattached.
    void began(String call);

    void ended(String call, int code);

    void died(int code);
  }

  ShellOutput(String token, Listener listener) {
    this.prefix = ("\0steward:" + token + ":").getBytes(StandardCharsets.US_ASCII);
    this.listener = listener;
  }

  void accept(byte[] bytes, int length) {
    byte[] all = bytes;
    int end = length;
    if (held.length > 0) {
      all = Arrays.copyOf(held, held.length + length);
      System.arraycopy(bytes, 0, all, held.length, length);
      end = all.length;
      held = new byte[0];
    }
    int from = 0;
    while (from < end) {
      int candidate = indexOfPrefix(all, from, end);
      emit(all, from, candidate);
      from = candidate;
      if (from == end) {
        return;
      }
      int next = mark(all, from, end);
      if (next < 0) {
        held = Arrays.copyOfRange(all, from, end);
        return;
      }
      from = next;
    }
  }

  /// Reads the mark at `from`. Returns the index behind it, or -1 when more bytes must come.
  private int mark(byte[] all, int from, int end) {
    int body = from + prefix.length;
    if (body >= end) {
      return -1;
    }
    int close = body;
    while (close < end && all[close] != 0) {
      close++;
    }
    if (close == end) {
      if (end - from < MARK_BYTES_MAX) {
        return -1;
      }
      emit(all, from, body);
      return body;
    }
    if (!tell(new String(all, body, close - body, StandardCharsets.US_ASCII))) {
      emit(all, from, body);
      return body;
    }
    return close + 1;
  }

  private boolean tell(String mark) {
    Matcher began = BEGIN.matcher(mark);
    if (began.matches()) {
      listener.began(began.group(1));
      return true;
    }
    Matcher ended = END.matcher(mark);
    if (ended.matches()) {
      listener.ended(ended.group(1), Integer.parseInt(ended.group(2)));
      return true;
    }
    Matcher died = DIED.matcher(mark);
    if (died.matches()) {
      listener.died(Integer.parseInt(died.group(1)));
      return true;
    }
    return false;
  }

  private void emit(byte[] all, int from, int to) {
    if (to > from) {
      listener.write(all, from, to - from);
    }
  }

  /// Where the prefix starts, fully or as far as the bytes go; `end` when it does not.
  private int indexOfPrefix(byte[] all, int from, int end) {
    for (int i = from; i < end; i++) {
      if (all[i] == 0 && startsPrefix(all, i, end)) {
        return i;
      }
    }
    return end;
  }

  private boolean startsPrefix(byte[] all, int at, int end) {
    int length = Math.min(prefix.length, end - at);
    return Arrays.equals(all, at, at + length, prefix, 0, length);
  }
}
