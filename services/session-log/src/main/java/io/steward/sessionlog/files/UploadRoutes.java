package io.steward.sessionlog.files;

import io.quarkus.runtime.configuration.MemorySize;
import io.steward.schemas.blob.BlobStore;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.schemas.id.Ids;
import io.steward.schemas.kafka.Envelope;
import io.steward.sessionlog.SessionLogConfig;
import io.steward.sessionlog.http.BodyStream;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// `POST /v1/files`: from the socket into the blob store. A row says so before the first byte is
/// stored, so that bytes without a file are found and removed whatever happens.
@Singleton
class UploadRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(UploadRoutes.class);

  /// What a form may have beside its file, in bytes.
  private static final int FORM_BYTES_MAX = 64 * 1024;

  /// How many uploads may be under way.
  static final int UPLOADS_MAX = 32;

  private static final Duration RETRY = Duration.ofSeconds(5);

  private final PostgresFiles files;
  private final BlobStore blobs;
  private final InstantSource clock;
  private final MemorySize bytesMax;
  private final Semaphore room = new Semaphore(UPLOADS_MAX);

  UploadRoutes(PostgresFiles files, BlobStore blobs, InstantSource clock, SessionLogConfig config) {
    this.files = files;
    this.blobs = blobs;
    this.clock = clock;
    this.bytesMax = config.sessionLog().filesBytesMax();
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.upload("/v1/files", FileRules.FILE_BYTES_MAX + FORM_BYTES_MAX, this::upload));
  }

  private Reply upload(Request request, BodyStream body) {
    String encoding = body.contentEncoding();
    if (encoding != null && !encoding.toLowerCase(Locale.ROOT).equals("identity")) {
      throw new ApiException(
          ApiError.invalid(
              "The content-encoding is \"%s\", but uploads are stored as they are sent."
                  .formatted(FileRules.shown(encoding)),
              "request_body_encoding_unsupported"));
    }
    if (body.declaredBytes().orElse(0) > FileRules.FILE_BYTES_MAX + FORM_BYTES_MAX) {
      throw LimitedStream.tooLarge();
    }
    if (!room.tryAcquire()) {
      throw new ApiException(
          ApiError.rateLimited(
              "There are " + UPLOADS_MAX + " uploads under way, which is the limit.", RETRY));
    }
    try {
      if (files.bytesStored() >= bytesMax.asLongValue()) {
        throw quotaExceeded();
      }
      StoredFile stored = store(body);
      LOG.infof("file_id=%s is stored with %d bytes", stored.id(), stored.sizeBytes());
      return new Reply.Json(FileView.of(stored, request.betas().contains(FileView.LEGACY_BETA)));
    } finally {
      room.release();
    }
  }

  private StoredFile store(BodyStream body) {
    String id = Ids.random("file_");
    StoredFile coming = file(id, new UploadForm("", "", 0, Optional.empty()));
    files.begin(coming);
    StoredFile file;
    try {
      file = file(id, form(body, coming.blobKey()));
    } catch (RuntimeException e) {
      abandon(id);
      throw e;
    }
    // When this fails, the file may be there all the same. If not, the sweep finds it.
    if (!files.complete(file, bytesMax.asLongValue())) {
      abandon(id);
      throw quotaExceeded();
    }
    return file;
  }

  private UploadForm form(BodyStream body, String blobKey) {
    try {
      return UploadForm.read(body.contentType(), body, content -> blobs.put(blobKey, content));
    } catch (IOException e) {
      throw refusal(body.failure(), e);
    }
  }

  private static RuntimeException refusal(BodyStream.@Nullable Failure failure, IOException e) {
    if (failure == null) {
      return new UncheckedIOException(e);
    }
    return switch (failure) {
      case TOO_LARGE -> LimitedStream.tooLarge();
      case TOO_SLOW ->
          new ApiException(
              ApiError.invalid(
                  "The body took longer than the limit of "
                      + BodyStream.TIME_MAX.toMinutes()
                      + " minutes.",
                  "request_body_timeout"));
      case CUT -> new ApiException(ApiError.invalid("The body ends too early."));
    };
  }

  /// What cannot be removed now is removed by the sweep.
  private void abandon(String id) {
    try {
      blobs.deleteAll(uploadPrefix(id));
      files.abandon(id);
    } catch (IOException | RuntimeException e) {
      LOG.warnf("file_id=%s came to nothing, its bytes stay for now: %s", id, e.getMessage());
    }
  }

  private StoredFile file(String id, UploadForm form) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return new StoredFile(
        id,
        Envelope.DEFAULT_WORKSPACE,
        form.filename(),
        form.mediaType(),
        form.sizeBytes(),
        now,
        form.expiry().map(now::plus).orElse(null),
        false,
        null,
        uploadPrefix(id) + "/content",
        StoredFile.Origin.UPLOAD);
  }

  /// An upload has a prefix for itself, so that what a crash left of it goes, too.
  static String uploadPrefix(String fileId) {
    return "files/" + fileId;
  }

  private ApiException quotaExceeded() {
    return new ApiException(
        ApiError.invalid(
            "The files have more than the limit of "
                + bytesMax.asLongValue()
                + " bytes together; delete some.",
            "storage_quota_exceeded"));
  }
}
