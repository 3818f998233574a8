package io.steward.schemas.agent.rules;

import io.steward.schemas.agent.SkillReference;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The rules of `skills`. Whether a skill exists is found out when it is used. Source:
/// contract/core.md §2.3, §2.10.
final class SkillRules {
  private static final int SKILLS_MAX = 500;
  private static final int ID_CHARS_MAX = 255;
  private static final int VERSION_CHARS_MAX = 255;
  private static final List<String> TYPES = List.of("anthropic", "custom");

  private SkillRules() {}

  /// The skills in the field `skills` of `owner`; empty when it is missing or null.
  static List<SkillReference> read(Fields owner) {
    Set<String> seen = new HashSet<>();
    return owner.list(
        "skills",
        SKILLS_MAX,
        (entry, path) -> {
          Fields skill = Fields.at(entry, path);
          String type = skill.requiredChoice("type", TYPES);
          String id = skill.requiredText("skill_id", 1, ID_CHARS_MAX);
          if (!seen.add(id)) {
            throw skill.refusal("skill_id", "must be unique in `skills`");
          }
          String version = skill.text("version", 1, VERSION_CHARS_MAX);
          return new SkillReference(type, id, version == null ? SkillReference.LATEST : version);
        });
  }
}
