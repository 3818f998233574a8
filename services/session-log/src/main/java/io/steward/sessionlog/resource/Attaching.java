package io.steward.sessionlog.resource;

import io.steward.schemas.id.Ids;
import io.steward.schemas.id.SessionId;
import io.steward.schemas.resource.SessionResource;
import io.steward.schemas.resource.SessionResource.FileResource;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.sessionlog.files.StoredFile;
import io.steward.sessionlog.secret.Secrets;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Makes planned resources: copies files, hands tokens over.
@Singleton
public class Attaching {
  private static final String ID_PREFIX = "sesrsc_";

  private final Secrets secrets;

  Attaching(Secrets secrets) {
    this.secrets = secrets;
  }

  /// The resources, in the order of the plan. Tokens are on their way to vault-proxy when this
  /// returns, so that the record that names them comes later. They go last: what was handed over
  /// cannot be taken back.
  ///
  /// @param copies takes the copies that are made
  /// @throws io.steward.schemas.http.ApiException 503 when a token cannot be handed over now
  public List<SessionResource> attach(
      ResourcePlan plan, SessionId session, SessionCopies copies, Instant now) {
    if (plan.hasSecrets()) {
      secrets.requireKey();
    }
    Map<ResourcePlan.Step, FileResource> files = new IdentityHashMap<>();
    for (ResourcePlan.Step step : plan.steps()) {
      if (step instanceof ResourcePlan.MountFile file) {
        files.put(file, mounted(file, copies, now));
      }
    }
    List<SessionResource> attached = new ArrayList<>();
    for (ResourcePlan.Step step : plan.steps()) {
      attached.add(
          switch (step) {
            case ResourcePlan.MountFile file -> Objects.requireNonNull(files.get(file));
            case ResourcePlan.MountRepository(var repository) ->
                repository(repository, session, now);
          });
    }
    return attached;
  }

  static FileResource mounted(ResourcePlan.MountFile step, SessionCopies copies, Instant now) {
    StoredFile copy = copies.mounted(step.file());
    return new FileResource(
        Ids.random(ID_PREFIX),
        copy.id(),
        step.request().mountPath(),
        step.request().sandboxPath(),
        SessionCopies.attachment(copy),
        now,
        now);
  }

  private RepositoryResource repository(
      ResourceRequest.OfRepository request, SessionId session, Instant now) {
    return new RepositoryResource(
        Ids.random(ID_PREFIX),
        request.url().text(),
        request.checkout(),
        request.mountPath(),
        request.sandboxPath(),
        request.token() == null
            ? null
            : secrets.handOver(session, request.url().host(), request.token(), now),
        now,
        now);
  }
}
