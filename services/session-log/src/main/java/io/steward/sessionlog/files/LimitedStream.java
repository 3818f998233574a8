package io.steward.sessionlog.files;

import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// The bytes of a file that is being uploaded. Reading more than a file may have throws
/// [ApiException] 413.
final class LimitedStream extends FilterInputStream {
  private long left;

  LimitedStream(InputStream content, long bytesMax) {
    super(content);
    this.left = bytesMax;
  }

  /// 413: the file is larger than a file may be.
  static ApiException tooLarge() {
    return new ApiException(
        ApiError.tooLarge(
            "`file` is larger than the limit of " + FileRules.FILE_BYTES_MAX + " bytes."));
  }

  @Override
  public int read() throws IOException {
    int one = super.read();
    count(one < 0 ? 0 : 1);
    return one;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    int count = super.read(to, offset, length);
    count(count);
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    return super.skip(0); // Nothing of a file is skipped.
  }

  private void count(int bytes) {
    left -= Math.max(0, bytes);
    if (left < 0) {
      throw tooLarge();
    }
  }
}
