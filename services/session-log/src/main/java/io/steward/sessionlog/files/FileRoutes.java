package io.steward.sessionlog.files;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.steward.schemas.http.ApiError;
import io.steward.schemas.http.ApiException;
import io.steward.sessionlog.http.Page;
import io.steward.sessionlog.http.QueryParameters;
import io.steward.sessionlog.http.Reply;
import io.steward.sessionlog.http.Request;
import io.steward.sessionlog.http.Route;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// `/v1/files` but for uploads: lists, metadata, content, deletion.
@Singleton
class FileRoutes implements Route.Source {
  private static final Logger LOG = Logger.getLogger(FileRoutes.class);

  private final PostgresFiles files;
  private final FileSweep sweep;
  private final Downloads downloads;
  private final InstantSource clock;

  FileRoutes(PostgresFiles files, FileSweep sweep, Downloads downloads, InstantSource clock) {
    this.files = files;
    this.sweep = sweep;
    this.downloads = downloads;
    this.clock = clock;
  }

  @Override
  public List<Route> routes() {
    return List.of(
        Route.get("/v1/files", this::list),
        Route.get("/v1/files/{file_id}", this::metadata),
        Route.get("/v1/files/{file_id}/content", this::content),
        Route.delete("/v1/files/{file_id}", this::delete));
  }

  private Reply list(Request request) {
    boolean legacy = legacy(request);
    FileListQuery query = FileListQuery.of(request.query(), legacy);
    PostgresFiles.Search search = search(query);
    List<StoredFile> found = files.list(search);
    boolean more = found.size() > query.limit();
    List<StoredFile> nearest = more ? found.subList(0, query.limit()) : found;
    List<StoredFile> shown = search.older() ? nearest : nearest.reversed();
    List<ObjectNode> data = shown.stream().map(file -> FileView.of(file, legacy)).toList();
    if (legacy) {
      return new Reply.Json(
          new FileView.LegacyPage(
              data,
              more,
              shown.isEmpty() ? null : shown.getFirst().id(),
              shown.isEmpty() ? null : shown.getLast().id()));
    }
    return new Reply.Json(new Page<>(data, more ? cursor(shown.getLast()) : null));
  }

  private PostgresFiles.Search search(FileListQuery query) {
    boolean older =
        query.from().map(from -> !(from instanceof FileListQuery.From.Before)).orElse(true);
    return new PostgresFiles.Search(
        query.ids(), query.scopeId(), older, query.from().map(this::place), query.limit() + 1);
  }

  private PostgresFiles.Place place(FileListQuery.From from) {
    return switch (from) {
      case FileListQuery.From.Cursor(var createdAt, var fileId) ->
          new PostgresFiles.Place(createdAt, fileId);
      case FileListQuery.From.After(String fileId) -> place("after_id", fileId);
      case FileListQuery.From.Before(String fileId) -> place("before_id", fileId);
    };
  }

  private PostgresFiles.Place place(String parameter, String fileId) {
    return Optional.of(fileId)
        .filter(FileRules::isId)
        .flatMap(files::place)
        .orElseThrow(() -> QueryParameters.refused(parameter, fileId, "must be the id of a file"));
  }

  private static String cursor(StoredFile last) {
    return new FileListQuery.From.Cursor(last.createdAt(), last.id()).text();
  }

  private Reply metadata(Request request) {
    return new Reply.Json(FileView.of(file(request), legacy(request)));
  }

  private Reply content(Request request) {
    StoredFile file = file(request);
    if (file.expiredAt(clock.instant())) {
      throw FileStore.expired(file.id());
    }
    if (!file.downloadable()) {
      throw new ApiException(
          ApiError.invalid(
              "The file "
                  + file.id()
                  + " was uploaded; only files that tools and sessions made can be downloaded.",
              "file_not_downloadable"));
    }
    try {
      return new Reply.Bytes(
          file.mediaType(), file.filename(), file.sizeBytes(), downloads.open(file.blobKey()));
    } catch (NoSuchFileException e) {
      LOG.errorf("file_id=%s has no bytes under %s", file.id(), file.blobKey());
      throw FileStore.expired(file.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply delete(Request request) {
    StoredFile file = file(request);
    if (file.origin() == StoredFile.Origin.SESSION_INPUT) {
      throw new ApiException(
          ApiError.invalid(
              "The file "
                  + file.id()
                  + " is a session's own copy; it goes with its resource or session."));
    }
    if (!files.delete(file.id(), clock.instant())) {
      throw noFile(file.id());
    }
    sweep.deleted(file);
    LOG.infof("file_id=%s is deleted", file.id());
    return new Reply.Json(new FileView.Deleted(file.id()));
  }

  private StoredFile file(Request request) {
    String id = request.segment("file_id");
    Optional<StoredFile> file = FileRules.isId(id) ? files.find(id) : Optional.empty();
    return file.orElseThrow(() -> noFile(id));
  }

  private static ApiException noFile(String id) {
    return new ApiException(ApiError.notFound("There is no file " + FileRules.shown(id) + "."));
  }

  private static boolean legacy(Request request) {
    return request.betas().contains(FileView.LEGACY_BETA);
  }
}
