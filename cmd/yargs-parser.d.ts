/** yargs' parser without its readers of configuration files and of the environment. */
declare module 'yargs-parser/browser' {
  import Parser = require('yargs-parser');
  export = Parser;
}
