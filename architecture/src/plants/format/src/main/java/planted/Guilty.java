package planted;

/** Is written as nobody else writes. */
final class Guilty
{
  private Guilty( ) { }
}
