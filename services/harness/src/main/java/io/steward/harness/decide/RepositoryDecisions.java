package io.steward.harness.decide;

import io.steward.schemas.egress.EgressCommand;
import io.steward.schemas.egress.RepositoryResult;
import io.steward.schemas.event.ErrorDetail;
import io.steward.schemas.record.SessionRecord;
import io.steward.schemas.resource.SessionResource.RepositoryResource;
import io.steward.schemas.session.Session.Live;
import io.steward.schemas.session.Step;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What the cloning of repositories writes. A session goes on without a repository that cannot be
/// had and says so; the next turn tries again.
public final class RepositoryDecisions {
  private static final String ATTEMPT = "clone_";

  private final IdSource ids;
  private final StepDecisions steps;

  public RepositoryDecisions(IdSource ids, StepDecisions steps) {
    this.ids = ids;
    this.steps = steps;
  }

  /// Commands for repositories that are missing; the log does not change.
  public Decision clone(Live live, List<RepositoryResource> missing, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (RepositoryResource repository : missing) {
      draft.command(
          new EgressCommand.CloneRepository(
              draft.facts().id(),
              repository.id(),
              ids.next(ATTEMPT),
              repository.url(),
              repository.checkout(),
              repository.secretId()));
    }
    return draft.done();
  }

  /// What vault-proxy answered.
  public Decision settled(Live live, List<RepositoryResult> results, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (RepositoryResult result : results) {
      draft.record(new SessionRecord.RepositorySettled(result.resourceId(), result.archiveKey()));
      if (result.archiveKey() == null) {
        failed(
            draft,
            result.resourceId(),
            Objects.requireNonNullElse(result.errorType(), ErrorDetail.REPOSITORY_CLONE),
            Objects.requireNonNullElse(result.message(), "The repository could not be cloned."));
      }
    }
    return steps.advance(draft).done();
  }

  /// Nobody answered in time.
  public Decision givenUp(Live live, Step.AwaitRepositories step, Instant now) {
    Draft draft = new Draft(live, ids, now);
    for (RepositoryResource repository : step.pending()) {
      draft.record(new SessionRecord.RepositorySettled(repository.id(), null));
      failed(
          draft,
          repository.id(),
          ErrorDetail.REPOSITORY_CLONE,
          "Cloning the repository took too long.");
    }
    return steps.advance(draft).done();
  }

  private static void failed(Draft draft, String resourceId, String errorType, String message) {
    Optional<String> url =
        draft
            .facts()
            .resources()
            .find(resourceId)
            .filter(RepositoryResource.class::isInstance)
            .map(resource -> ((RepositoryResource) resource).url());
    draft.error(ErrorDetail.ofRepository(errorType, message, url.orElse(null)));
  }
}
