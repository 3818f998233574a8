package io.steward.sessionlog;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which package may know which. Think hard about the layering before changing this file.
@AnalyzeClasses(
    packages = "io.steward.sessionlog",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "io.steward.sessionlog.";

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("features")
          .definedBy(
              ROOT + "create..",
              ROOT + "change..",
              ROOT + "read..",
              ROOT + "thread..",
              ROOT + "query..",
              ROOT + "worker..",
              ROOT + "diagnose..",
              ROOT + "health..")
          .layer("lists and streams")
          .definedBy(
              ROOT + "list..",
              ROOT + "stream..",
              ROOT + "send..",
              ROOT + "catalog..",
              ROOT + "files..",
              ROOT + "resource..",
              ROOT + "secret..",
              ROOT + "ask..")
          .layer("project")
          .definedBy(ROOT + "project..")
          .layer("work")
          .definedBy(ROOT + "work..")
          .layer("view")
          .definedBy(ROOT + "view..")
          .layer("log")
          .definedBy(ROOT + "log..")
          .layer("http")
          .definedBy(ROOT + "http..")
          .whereLayer("features")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("lists and streams")
          .mayOnlyBeAccessedByLayers("features")
          .whereLayer("project")
          .mayOnlyBeAccessedByLayers("features", "lists and streams")
          .whereLayer("work")
          .mayOnlyBeAccessedByLayers("features", "lists and streams", "project")
          .whereLayer("view")
          .mayOnlyBeAccessedByLayers("features", "lists and streams", "project")
          .whereLayer("log")
          .mayOnlyBeAccessedByLayers("features", "lists and streams", "project");

  @ArchTest
  static final ArchRule THE_DATABASE_STAYS_IN_POSTGRES_CLASSES =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.(Postgres.*|Sql)")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "io.agroal..");

  @ArchTest
  static final ArchRule DECISIONS_KNOW_NO_FRAMEWORK =
      noClasses()
          .that()
          .haveNameMatching(
              ".*(EventParser|ContentParser|UpdatePlan|SessionPlan|SessionPlanner|BudgetRules|FileReference|Attachments|GitHosts"
                  + "|RepositoryUrl|CheckoutParser|MountPaths|ResourceParser|ResourceRequest|ResourcePlan"
                  + "|ResourcePage|NamedFiles|NamedVaults|EnvironmentFit|Rows|SessionPage"
                  + "|Diagnosis|Diagnoses|ModelWait|ToolWait|Situation|KnownProgress|Heard"
                  + "|StreamPosition|Cursors?|SessionSummary|ThreadView|PreviewGate"
                  + "|WorkItem|WorkState|WorkView|Need|Demand|Lease|Heartbeat|Access|Gate"
                  + "|FileRules|FileListQuery|FileView|UploadForm)")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "jakarta..", "io.quarkus..", "io.vertx..", "org.apache.kafka..", "java.sql..");

  @ArchTest
  static final ArchRule NOTHING_READS_THE_CLOCK_BY_ITSELF =
      noClasses().should().callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule NAMES_SAY_SOMETHING =
      noClasses()
          .should()
          .haveNameMatching(
              ".*(Util|Utils|Helper|Helpers|Manager|Impl|Abstract|Base|Processor|Data|Info)");
}
