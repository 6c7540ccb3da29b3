import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

// Yen are whole and exceed 32 bits: Float. `simpleResolvers` is what the documentation of type-graphql recommends for
// fields that are only read: no middleware is looked for at each of them.

@ObjectType({ simpleResolvers: true })
export class TaxItem {
  @Field(() => String)
  code!: string;

  @Field(() => String)
  name!: string;
}

@ObjectType({ simpleResolvers: true })
export class Receipt {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  channel!: string;

  @Field(() => String)
  paidOn!: string;

  @Field(() => String)
  bookedOn!: string;

  @Field(() => Float)
  amount!: number;
}

@ObjectType({ simpleResolvers: true })
export class Allocation {
  @Field(() => Float)
  amount!: number;

  @Field(() => String)
  effectiveOn!: string;
}

@ObjectType({ simpleResolvers: true })
export class AllocationConnection {
  @Field(() => [Allocation])
  nodes!: Allocation[];
}

@ObjectType({ simpleResolvers: true })
export class LevyLine {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  noticeNo!: string;

  @Field(() => Int)
  instalmentNo!: number;

  @Field(() => String)
  dueOn!: string;

  @Field(() => Float)
  levied!: number;

  @Field(() => Float)
  received!: number;

  @Field(() => Float)
  taxOutstanding!: number;

  @Field(() => Float)
  lateChargeOutstanding!: number;

  @Field(() => Float)
  outstanding!: number;

  @Field(() => String)
  taxItemCode!: string;

  @Field(() => Boolean)
  settled!: boolean;
}

@ObjectType({ simpleResolvers: true })
export class LevyLineConnection {
  @Field(() => [LevyLine])
  nodes!: LevyLine[];
}

@ObjectType({ simpleResolvers: true })
export class Addressee {
  @Field(() => String)
  addresseeNo!: string;

  @Field(() => String)
  name!: string;

  @Field(() => String)
  kana!: string;
}

@ObjectType({ simpleResolvers: true })
export class AddresseeConnection {
  @Field(() => [Addressee])
  nodes!: Addressee[];
}

@InputType()
export class AddresseeFilter {
  @Field(() => String)
  kana!: string;
}

@ObjectType({ simpleResolvers: true })
export class DelinquencyCase {
  @Field(() => String)
  caseNo!: string;

  @Field(() => String)
  state!: string;

  @Field(() => String)
  officerId!: string;

  @Field(() => String, { nullable: true })
  district!: string | null;

  @Field(() => String)
  openedOn!: string;
}

@ObjectType({ simpleResolvers: true })
export class DelinquencyCaseConnection {
  @Field(() => [DelinquencyCase])
  nodes!: DelinquencyCase[];
}

@InputType()
export class DelinquencyCaseFilter {
  @Field(() => String)
  officerId!: string;

  @Field(() => Boolean)
  openOnly!: boolean;
}
