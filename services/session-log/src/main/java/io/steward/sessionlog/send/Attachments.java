package io.steward.sessionlog.send;

import io.steward.schemas.event.Attachment;
import io.steward.schemas.http.ApiError;
import io.steward.sessionlog.files.StoredFile;
import io.steward.sessionlog.resource.NamedFiles;
import io.steward.sessionlog.resource.SessionCopies;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// From the files that events name to the copies a session gets of them.
public final class Attachments {
  private Attachments() {}

  /// The files to copy, by id.
  ///
  /// @param present ids of files the session has its copy of
  /// @throws io.steward.schemas.http.ApiException 400 when one is not there, has expired, or is not
  ///   what the event says
  public static Map<String, StoredFile> find(
      List<FileReference> references, Set<String> present, NamedFiles files) {
    Map<String, StoredFile> found = new LinkedHashMap<>();
    for (FileReference reference : references) {
      StoredFile file = files.require(reference.at(), reference.fileId(), ApiError::invalid);
      reference.require(file);
      if (!present.contains(reference.fileId())) {
        found.put(reference.fileId(), file);
      }
    }
    return found;
  }

  /// The session's copies, by the id their events name.
  public static Map<String, Attachment> copy(Map<String, StoredFile> found, SessionCopies copies) {
    Map<String, Attachment> attachments = new HashMap<>();
    found.forEach((id, file) -> attachments.put(id, copies.content(file)));
    return attachments;
  }
}
