package io.steward.schemas.agent;

/// A skill an agent may use. Source: contract/core.md §2.10.
///
/// @param type `anthropic` or `custom`
/// @param skillId a short name such as `xlsx`, or `skill_…`
/// @param version a version, or `latest`, which is resolved when the skill is downloaded
public record SkillReference(String type, String skillId, String version) {
  /// The version that follows the newest one.
  public static final String LATEST = "latest";
}
