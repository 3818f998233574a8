package io.steward.schemas;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What may depend on what in this module, and what may be called how.
class ArchitectureTest {
  private static final String ROOT = "io.steward.schemas";
  private static final String[] PURE = {
    ROOT + ".session..", ROOT + ".record..", ROOT + ".event..", ROOT + ".agent.."
  };
  private static final int PACKAGE_CLASSES_MAX = 15;

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void the_fold_and_what_it_folds_see_no_file_network_thread_or_kafka() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.nio.file..",
            "java.net.http..",
            "java.util.concurrent..",
            "org.apache.kafka..",
            ROOT + ".kafka..",
            ROOT + ".blob..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".session..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", ROOT + ".json..")
        .check(CLASSES);
  }

  @Test
  void the_fold_and_what_it_folds_have_no_clock_and_no_chance() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(InstantSource.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(RandomGenerator.class)
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(UUID.class, "randomUUID")
        .orShould()
        .callMethod(Math.class, "random")
        .check(CLASSES);
  }

  @Test
  void events_and_agents_know_nothing_of_sessions() {
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".event..", ROOT + ".agent..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".session..", ROOT + ".record..")
        .check(CLASSES);
  }

  @Test
  void the_module_is_free_of_frameworks() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "jakarta..", "io.quarkus..", "io.vertx..", "io.smallrye..", "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void names_say_something() {
    classes()
        .should()
        .haveSimpleNameNotEndingWith("Util")
        .andShould()
        .haveSimpleNameNotEndingWith("Utils")
        .andShould()
        .haveSimpleNameNotEndingWith("Helper")
        .andShould()
        .haveSimpleNameNotEndingWith("Manager")
        .andShould()
        .haveSimpleNameNotEndingWith("Impl")
        .andShould()
        .haveSimpleNameNotStartingWith("Abstract")
        .andShould()
        .haveSimpleNameNotStartingWith("Base")
        .andShould()
        .haveSimpleNameNotEndingWith("Processor")
        .andShould()
        .haveSimpleNameNotEndingWith("Data")
        .andShould()
        .haveSimpleNameNotEndingWith("Info")
        .check(
            CLASSES.that(
                new com.tngtech.archunit.base.DescribedPredicate<>("are not Base64") {
                  @Override
                  public boolean test(JavaClass type) {
                    return !type.getSimpleName().equals("Base64");
                  }
                }));
  }

  @Test
  void a_package_has_at_most_15_classes() {
    Map<String, Long> crowded =
        CLASSES.stream()
            .filter(JavaClass::isTopLevelClass)
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(
                Collectors.groupingBy(
                    JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
    crowded.values().removeIf(count -> count <= PACKAGE_CLASSES_MAX);
    crowded.remove(ROOT + ".event"); // Events and their parts are one list.
    crowded.remove(ROOT + ".agent"); // So are the parts of an agent.

    assertEquals(Map.of(), crowded);
  }
}
